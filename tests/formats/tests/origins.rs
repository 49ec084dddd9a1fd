//! Saving without secrets, with several formats on either side.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use envref::origins::Origins;
use envref::{Expander, Lookup, de};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

static VARS: [(&str, &str); 3] = [("TOKEN", "s3cret"), ("PORT", "8080"), ("HOST", "example.org")];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Format {
    Json,
    Toml,
    Yaml,
}

const FORMATS: [Format; 3] = [Format::Json, Format::Toml, Format::Yaml];

impl Format {
    fn write<T: Serialize>(self, value: &T) -> String {
        match self {
            Self::Json => serde_json::to_string(value).unwrap(),
            Self::Toml => toml::to_string(value).unwrap(),
            Self::Yaml => yaml_serde::to_string(value).unwrap(),
        }
    }

    fn read<T: DeserializeOwned>(self, text: &str) -> T {
        match self {
            Self::Json => serde_json::from_str(text).unwrap(),
            Self::Toml => toml::from_str(text).unwrap(),
            Self::Yaml => yaml_serde::from_str(text).unwrap(),
        }
    }

    fn load<T: DeserializeOwned + Serialize>(self, text: &str) -> (T, Origins) {
        let vars: &(dyn Lookup + Sync) = &VARS;
        let expander = Expander::new(vars);
        match self {
            Self::Json => {
                let mut json = serde_json::Deserializer::from_str(text);
                de::Deserializer::new(&mut json, &expander).deserialize_with_origins().unwrap()
            }
            Self::Toml => {
                let toml = toml::Deserializer::parse(text).unwrap();
                de::Deserializer::new(toml, &expander).deserialize_with_origins().unwrap()
            }
            Self::Yaml => {
                let yaml = yaml_serde::Deserializer::from_str(text);
                de::Deserializer::new(yaml, &expander).deserialize_with_origins().unwrap()
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Config {
    name: Name,
    port: u16,
    ratio: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    pair: (String, u16),
    ports: BTreeMap<u16, Option<u16>>,
    channels: Vec<Channel>,
    sinks: Vec<Sink>,
    targets: Vec<Target>,
    either: Vec<Either>,
    servers: BTreeMap<String, Server>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Name(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Channel {
    Off,
    Key(String),
    Pair(String, u16),
    Mail { token: String, port: u16 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Sink {
    File { dir: String },
    Net { token: String, to: Vec<String> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Target {
    Host(String),
    Both(String, String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Text(String),
    Named { token: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Server {
    token: String,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

fn template() -> Value {
    json!({
        "name": "${HOST}",
        "port": "${PORT}",
        "ratio": 0.5,
        "note": "with ${TOKEN}",
        "pair": ["$TOKEN", "$PORT"],
        "ports": {"1": "${PORT}", "2": 2},
        "channels": ["Off", {"Key": "${TOKEN}"}, {"Pair": ["a", "${PORT}"]}, {"Mail": {"token": "$TOKEN", "port": 1}}],
        "sinks": [{"kind": "File", "dir": "/srv"}, {"kind": "Net", "token": "$<TOKEN>", "to": ["x", "$HOST"]}],
        "targets": [{"t": "Host", "c": "${HOST}"}, {"t": "Both", "c": ["a", "$TOKEN"]}],
        "either": ["$TOKEN", {"token": "${TOKEN}!"}],
        "servers": {"a": {"token": "$TOKEN", "extra": "${HOST}"}, "b": {"token": "x"}},
    })
}

/// The template in a format: `yaml_serde` writes and reads enums as tags, which JSON does not have.
fn written(format: Format) -> String {
    let text = format.write(&template());
    match format {
        Format::Yaml => text
            .replace("'1': ", "1: ")
            .replace("'2': ", "2: ")
            .replace("- Key: ${TOKEN}\n", "- !Key ${TOKEN}\n")
            .replace("- Pair:\n  - a\n", "- !Pair\n  - a\n")
            .replace("- Mail:\n    token: $TOKEN\n    port: 1\n", "- !Mail\n  token: $TOKEN\n  port: 1\n")
            .replace("- Mail:\n    port: 1\n    token: $TOKEN\n", "- !Mail\n  port: 1\n  token: $TOKEN\n"),
        _ => text,
    }
}

#[test]
fn what_is_read_in_one_format_is_restored_in_another() {
    for from in FORMATS {
        let (config, origins) = from.load::<Config>(&written(from));
        assert_eq!(origins.iter().count(), 17, "{from:?}");
        for to in FORMATS {
            let restored = origins.restore(&config).unwrap();
            assert!(restored.dropped().is_empty(), "{from:?} to {to:?}");
            let text = to.write(&restored);
            assert!(!text.contains("s3cret") && !text.contains("example.org"), "{text}");
            // The same as a type without the adapter would write, had it read the template.
            let read = |text: &str| to.load::<Config>(text).0;
            assert_eq!(read(&text), config, "{from:?} to {to:?}");
            assert_eq!(to.load::<Config>(&written(to)).0, config, "{to:?}");
        }
    }
}

#[test]
fn a_change_is_written_in_any_format() {
    for (from, to) in FORMATS.into_iter().flat_map(|from| FORMATS.map(|to| (from, to))) {
        let (mut config, origins) = from.load::<Config>(&written(from));
        config.port = 9090;
        config.channels.reverse();
        config.sinks.remove(0);
        config.servers.remove("b");
        let restored = origins.restore(&config).unwrap();
        let dropped: Vec<_> = restored.dropped().iter().map(|origin| origin.path()).collect();
        assert_eq!(dropped, ["port"]);
        let text = to.write(&restored);
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(to.load::<Config>(&text).0, config);
    }
}

#[test]
fn what_has_no_origins_is_written_as_without() {
    for format in FORMATS {
        let (config, _) = format.load::<Config>(&written(format));
        // Nothing was read with references, so nothing is restored.
        let plain = format.write(&config);
        let (again, origins) = format.load::<Config>(&plain);
        assert_eq!(format.write(&origins.restore(&again).unwrap()), plain);
        assert_eq!(format.read::<Config>(&plain), config);
    }
}

#[test]
fn tags_of_yaml_stay() {
    let text = "a: !env ${TOKEN}\nb: !list\n- $TOKEN\n- !deep\n  token: x${TOKEN}\nc: !x 1\n";
    let (mut value, origins) = Format::Yaml.load::<yaml_serde::Value>(text);
    assert_eq!(
        origins.iter().map(|it| it.path()).collect::<Vec<_>>(),
        ["a.env", "b.list[0]", "b.list[1].deep.token"]
    );
    let restored = origins.restore(&value).unwrap();
    assert_eq!(yaml_serde::to_string(&restored).unwrap(), text);
    assert!(restored.dropped().is_empty());
    value["d"] = true.into();
    let restored = origins.restore(&value).unwrap();
    assert_eq!(yaml_serde::to_string(&restored).unwrap(), format!("{text}d: true\n"));
}

#[test]
fn keys_of_yaml_may_be_anything() {
    let text = "1: $TOKEN\ntrue: $TOKEN\nnull: x\n1.5: ${HOST}\n";
    let (value, origins) = Format::Yaml.load::<yaml_serde::Value>(text);
    let restored = origins.restore(&value).unwrap();
    assert_eq!(yaml_serde::to_string(&restored).unwrap(), text);
}

#[test]
fn dates_of_toml_come_through() {
    #[derive(Serialize, Deserialize)]
    struct Dated {
        at: toml::value::Datetime,
        token: String,
        rest: toml::Table,
    }
    let text =
        "at = 2024-01-02T03:04:05Z\ntoken = \"$TOKEN\"\n\n[rest]\nday = 2024-01-02\ntoken = \"$TOKEN\"\n";
    let (dated, origins) = Format::Toml.load::<Dated>(text);
    assert_eq!(toml::to_string(&origins.restore(&dated).unwrap()).unwrap(), text);
}

#[test]
fn ron_keeps_its_shapes() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Shapes {
        name: Name,
        some: Option<String>,
        none: Option<u8>,
        unit: (),
        letter: char,
        tuple: (String, u8),
        channels: Vec<Channel>,
        map: BTreeMap<char, String>,
    }
    let text = r#"(name:("$TOKEN"),some:Some("$TOKEN"),none:None,unit:(),letter:'x',tuple:("a$TOKEN",1),"#
        .to_owned()
        + r#"channels:[Off,Key("$TOKEN"),Pair("a",2),Mail(token:"$TOKEN",port:1)],map:{'a':"${HOST}"})"#;
    let vars: &(dyn Lookup + Sync) = &VARS;
    let expander = Expander::new(vars);
    let mut ron = ron::Deserializer::from_str(&text).unwrap();
    let (shapes, origins) =
        de::Deserializer::new(&mut ron, &expander).deserialize_with_origins::<Shapes>().unwrap();
    assert_eq!(ron::to_string(&origins.restore(&shapes).unwrap()).unwrap(), text);
}

#[test]
fn binary_formats_are_refused_on_either_side() {
    let vars: &(dyn Lookup + Sync) = &VARS;
    let expander = Expander::new(vars);
    let bytes = rmp_serde::to_vec("$TOKEN").unwrap();
    let mut rmp = rmp_serde::Deserializer::new(bytes.as_slice());
    let error = de::Deserializer::new(&mut rmp, &expander).deserialize_with_origins::<String>().unwrap_err();
    assert_eq!(error.to_string(), "references are restored in human-readable formats only");

    let (text, origins) = Format::Json.load::<String>("\"$TOKEN\"");
    let error = rmp_serde::to_vec(&origins.restore(&text).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "references are saved in human-readable formats only");
}
