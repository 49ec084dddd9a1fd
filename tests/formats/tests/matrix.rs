//! The support table: what the adapter reads, from each format, into each kind of target.
//!
//! Each cell is three documents: the value as it stands, as one whole reference, and with a reference embedded in it. The
//! table is compared with `src/de/formats.md`; `UPDATE_TABLE=1 cargo test -p envref-formats` writes it there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use envref::{Expander, Explanation, Paths, de};
use figment::providers::Format as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Json,
    Toml,
    Yaml,
    Saphyr,
    Figment,
    Config,
}

impl Format {
    const ALL: [Self; 6] = [Self::Json, Self::Toml, Self::Yaml, Self::Saphyr, Self::Figment, Self::Config];

    fn name(self) -> &'static str {
        match self {
            Self::Json => "`serde_json`",
            Self::Toml => "`toml`",
            Self::Yaml => "`yaml_serde`",
            Self::Saphyr => "`serde-saphyr`",
            Self::Figment => "`figment`",
            Self::Config => "`config`",
        }
    }

    fn write(self, document: &Value) -> String {
        match self {
            Self::Json | Self::Figment | Self::Config => document.to_string(),
            Self::Toml => toml::to_string(document).unwrap(),
            Self::Yaml | Self::Saphyr => yaml_serde::to_string(document).unwrap(),
        }
    }

    /// Hands the deserializer of the format for `text` to `reader`.
    fn open<R: Reader>(self, text: &str, reader: R) -> Result<R::Value, Box<dyn Error>> {
        Ok(match self {
            Self::Json => reader.read(&mut serde_json::Deserializer::from_str(text))?,
            Self::Toml => reader.read(toml::Deserializer::parse(text)?)?,
            Self::Yaml => reader.read(yaml_serde::Deserializer::from_str(text))?,
            Self::Saphyr => serde_saphyr::with_deserializer_from_str(text, |it| reader.read(it))?,
            Self::Figment => {
                let figment = figment::Figment::from(figment::providers::Json::string(text));
                reader.read(&figment.extract::<figment::value::Value>()?)?
            }
            Self::Config => {
                let source = config::File::from_str(text, config::FileFormat::Json);
                reader.read(config::Config::builder().add_source(source).build()?)?
            }
        })
    }

    /// Reads a document of the format, with the adapter or without.
    fn read<T: DeserializeOwned>(
        self,
        text: &str,
        vars: Option<&[(&str, &str)]>,
    ) -> Result<T, Box<dyn Error>> {
        match vars {
            Some(vars) => self.open(text, Through { vars, is_handed_on: false, target: PhantomData }),
            None => self.open(text, Direct(PhantomData)),
        }
    }

    /// Reads a document through an adapter that is handed on as a deserializer.
    fn hand_on<T: DeserializeOwned>(self, text: &str, vars: &[(&str, &str)]) -> Result<T, Box<dyn Error>> {
        self.open(text, Through { vars, is_handed_on: true, target: PhantomData })
    }

    fn explain(self, text: &str) -> Result<Explanation, Box<dyn Error>> {
        self.open(text, Explain)
    }
}

/// What is done with a deserializer, whatever its type is.
trait Reader {
    type Value;

    fn read<'de, D>(self, deserializer: D) -> Result<Self::Value, D::Error>
    where
        D: Deserializer<'de>;
}

/// Reads without the adapter.
struct Direct<T>(PhantomData<T>);

impl<T: DeserializeOwned> Reader for Direct<T> {
    type Value = T;

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// Reads through the adapter: it reads the document, or is handed to the target as a deserializer.
struct Through<'v, T> {
    vars: &'v [(&'v str, &'v str)],
    is_handed_on: bool,
    target: PhantomData<T>,
}

impl<T: DeserializeOwned> Reader for Through<'_, T> {
    type Value = T;

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let expander = Expander::new(self.vars);
        let adapter = de::Deserializer::new(deserializer, &expander);
        let result = if self.is_handed_on { T::deserialize(adapter) } else { adapter.deserialize() };
        result.map_err(de::Error::into_inner)
    }
}

/// Explains a document: no reference has a value.
struct Explain;

impl Reader for Explain {
    type Value = Explanation;

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Explanation, D::Error> {
        de::explain(deserializer, &Expander::new(&())).map_err(de::Error::into_inner)
    }
}

const SECRET: &str = "s3cret";

/// Puts `value` where `shape` has the text `@`.
fn fill(shape: &Value, value: &Value) -> Value {
    match shape {
        Value::String(text) if text == "@" => value.clone(),
        Value::Array(items) => items.iter().map(|item| fill(item, value)).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(key, item)| (key.clone(), fill(item, value))).collect()
        }
        other => other.clone(),
    }
}

/// Whether the target was read as expected from the value as it stands, a whole reference, and an embedded one.
fn cell<T>(format: Format, shape: &Value, value: &Value, expected: &T) -> &'static str
where
    T: DeserializeOwned + PartialEq + Debug,
{
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    let vars = [("WHOLE", text.as_str()), ("REST", rest), ("SECRET", SECRET)];
    let read = |value: &Value, vars| format.read::<T>(&format.write(&fill(shape, value)), vars);

    let direct = read(value, None);
    let plain = read(value, Some(&vars));
    assert_eq!(
        plain.ok(),
        direct.ok(),
        "{format:?} {shape} {value}: the adapter changes a document without references"
    );

    for template in ["${SECRET}", "${REST}${SECRET}", "1${SECRET}"] {
        if let Err(error) = read(&json!(template), Some(&vars)) {
            assert_no_secret(&*error);
        }
    }
    let reads = |template: String| read(&json!(template), Some(&vars)).is_ok_and(|it| it == *expected);
    match (reads("${WHOLE}".to_owned()), reads(format!("{first}${{REST}}"))) {
        (true, true) => "yes",
        (false, false) if read(value, Some(&vars)).is_ok_and(|it| it == *expected) => "no reference",
        (false, false) => "no",
        (whole, embedded) => panic!("{format:?} {shape} {value}: whole {whole}, embedded {embedded}"),
    }
}

/// Checks what an error shows, and what the errors show that it comes from.
fn assert_no_secret(error: &dyn Error) {
    let mut next = Some(error);
    while let Some(error) = next {
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains(SECRET), "{shown}");
        next = error.source();
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct At<T> {
    v: T,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Newtype(u16);

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Mail,
    New(u16),
    Pair(u16, bool),
    Full { port: u16 },
}

#[derive(Debug, PartialEq, Deserialize)]
struct Timed {
    #[serde(with = "humantime_serde")]
    v: Duration,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Port<T> {
    port: T,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Helped {
    #[serde(deserialize_with = "envref::de::coerce")]
    port: u16,
}

#[derive(Debug, PartialEq, Deserialize)]
struct EmptyAsNone {
    #[serde(default, deserialize_with = "envref::de::empty_as_none")]
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Wide {
    #[serde(deserialize_with = "envref::de::coerce")]
    v: i128,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Flat<T> {
    #[serde(flatten)]
    v: T,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Internal<T> {
    A(T),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Untagged<T> {
    A(T),
}

/// Its content comes before its tag in the documents.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "z_kind", content = "content", rename_all = "lowercase")]
enum Adjacent<T> {
    A(T),
}

/// Makes the row of a target that stands under the key `v`.
macro_rules! at {
    ($value:expr => $expected:expr) => {
        row!({"v": "@"}, $value => At { v: $expected })
    };
}

macro_rules! row {
    ($shape:tt, $value:expr => $expected:expr) => {
        Format::ALL.map(|format| cell(format, &json!($shape), &json!($value), &$expected))
    };
}

fn rows() -> Vec<(&'static str, [&'static str; 6])> {
    fn port<T>(port: T) -> Port<T> {
        Port { port }
    }
    let duration = Duration::from_secs(90);
    vec![
        ("`bool`", at!(true => true)),
        ("`i8`", at!(-12 => -12_i8)),
        ("`i16`", at!(-12 => -12_i16)),
        ("`i32`", at!(-12 => -12_i32)),
        ("`i64`", at!(-12 => -12_i64)),
        ("`i128`", at!(-12 => -12_i128)),
        ("`i128` with `coerce`", row!({"v": "@"}, -12 => Wide { v: -12 })),
        ("`u8`", at!(80 => 80_u8)),
        ("`u16`", at!(8080 => 8080_u16)),
        ("`u32`", at!(8080 => 8080_u32)),
        ("`u64`", at!(8080 => 8080_u64)),
        ("`u128`", at!(8080 => 8080_u128)),
        ("`f32`", at!(0.5 => 0.5_f32)),
        ("`f64`", at!(-0.25 => -0.25_f64)),
        ("`char`", at!("é" => 'é')),
        ("`String`", at!("0123" => "0123".to_owned())),
        ("`NonZeroU16`", at!(8080 => NonZeroU16::new(8080).unwrap())),
        ("`Option<u16>`", at!(8080 => Some(8080_u16))),
        ("`Option<String>`", at!("text" => Some("text".to_owned()))),
        ("a newtype", at!(8080 => Newtype(8080))),
        ("a tuple", row!({"v": ["@", true]}, 8080 => At { v: (8080_u16, true) })),
        ("`Vec<u16>`", row!({"v": [1, "@"]}, 8080 => At { v: vec![1_u16, 8080] })),
        (
            "a map",
            row!({"v": {"$WHOLE": "@"}}, 8080 => At { v: BTreeMap::from([("$WHOLE".to_owned(), 8080_u16)]) }),
        ),
        ("`PathBuf`", at!("/srv/data" => PathBuf::from("/srv/data"))),
        ("`SocketAddr`", at!("127.0.0.1:80" => SocketAddr::from(([127, 0, 0, 1], 80)))),
        ("`Duration` with `humantime-serde`", row!({"v": "@"}, "1m 30s" => Timed { v: duration })),
        ("an enum: unit variant", at!("mail" => Kind::Mail)),
        ("an enum: newtype variant", row!({"v": {"new": "@"}}, 8080 => At { v: Kind::New(8080) })),
        (
            "an enum: tuple variant",
            row!({"v": {"pair": ["@", true]}}, 8080 => At { v: Kind::Pair(8080, true) }),
        ),
        (
            "an enum: struct variant",
            row!({"v": {"full": {"port": "@"}}}, 8080 => At { v: Kind::Full { port: 8080 } }),
        ),
        ("`flatten`: `String`", row!({"port": "@"}, "text" => Flat { v: port("text".to_owned()) })),
        ("`flatten`: `u16`", row!({"port": "@"}, 8080 => Flat { v: port(8080_u16) })),
        ("`flatten`: `u16` with `coerce`", row!({"port": "@"}, 8080 => Flat { v: Helped { port: 8080 } })),
        (
            "`flatten`: `Option<u16>` with `empty_as_none`",
            row!({"port": "@"}, 8080 => Flat { v: EmptyAsNone { port: Some(8080) } }),
        ),
        ("internally tagged: `u16`", row!({"kind": "a", "port": "@"}, 8080 => Internal::A(port(8080_u16)))),
        (
            "internally tagged: `u16` with `coerce`",
            row!({"kind": "a", "port": "@"}, 8080 => Internal::A(Helped { port: 8080 })),
        ),
        ("untagged: `u16`", row!({"port": "@"}, 8080 => Untagged::A(port(8080_u16)))),
        ("untagged: `u16` with `coerce`", row!({"port": "@"}, 8080 => Untagged::A(Helped { port: 8080 }))),
        (
            "adjacently tagged, content first: `u16`",
            row!({"content": {"port": "@"}, "z_kind": "a"}, 8080 => Adjacent::A(port(8080_u16))),
        ),
        (
            "adjacently tagged, content first: `u16` with `coerce`",
            row!({"content": {"port": "@"}, "z_kind": "a"}, 8080 => Adjacent::A(Helped { port: 8080 })),
        ),
    ]
}

const LEGEND: &str = "\
What takes a reference, whole (`\"${X}\"`) and embedded (`\"1${X}\"`) alike. *no reference* means that the plain value
works, and *no* that it does not, with the adapter or without.
";

fn table() -> String {
    let names = Format::ALL.map(Format::name).join(" | ");
    let mut table = format!("{LEGEND}\n| target | {names} |\n|---{}|\n", "|---".repeat(Format::ALL.len()));
    for (target, cells) in rows() {
        table += &format!("| {target} | {} |\n", cells.join(" | "));
    }
    table
}

#[test]
fn the_support_table_is_what_is_supported() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/de/formats.md");
    if env::var_os("UPDATE_TABLE").is_some() {
        fs::write(path, table()).unwrap();
    } else {
        let shown = fs::read_to_string(path).unwrap();
        assert_eq!(shown, table(), "run UPDATE_TABLE=1 cargo test -p envref-formats");
    }
}

#[test]
fn an_error_names_reference_and_path_in_every_format() {
    let vars = [("SECRET", SECRET)];
    for format in Format::ALL {
        let cases = [
            (json!({"v": "${SECRET}"}), "invalid value for ${SECRET} at v: expected u16"),
            (json!({"v": "1${SECRET}"}), "invalid value for ${SECRET} at v: expected u16"),
            (json!({"v": "${UNSET}"}), "${UNSET} is unset, expected u16 at v"),
        ];
        for (document, expected) in cases {
            let error = format.read::<At<u16>>(&format.write(&document), Some(&vars)).unwrap_err();
            assert!(error.to_string().contains(expected), "{format:?}: {error}");
            assert_no_secret(&*error);
        }
        let text = format.write(&json!({"v": {"port": "$SECRET"}}));
        let error = format.read::<At<Flat<Port<u16>>>>(&text, Some(&vars)).unwrap_err();
        let expected = "invalid value at v, in which $SECRET is expanded: expected u16";
        assert!(error.to_string().contains(expected), "{format:?}: {error}");
        assert_no_secret(&*error);
    }
}

#[test]
fn a_tag_of_yaml_names_a_variant_and_its_content_is_expanded() {
    let vars = [("PORT", "8080"), ("EMPTY", "")];
    for format in [Format::Yaml, Format::Saphyr] {
        for (text, expected) in [
            ("v: !new ${PORT}", Kind::New(8080)),
            ("v: !pair [\"80$EMPTY\", true]", Kind::Pair(80, true)),
            ("v: !full {port: \"${PORT}\"}", Kind::Full { port: 8080 }),
        ] {
            assert_eq!(format.read::<At<Kind>>(text, Some(&vars)).unwrap().v, expected, "{format:?} {text}");
        }
    }
}

#[test]
fn a_spanned_value_of_toml_has_the_path_of_the_value() {
    let vars = [("PORT", "8080"), ("SECRET", SECRET)];
    let expander = Expander::new(&vars);
    let read = |text| {
        let paths = Paths::new(["v"]).unwrap();
        let toml = toml::Deserializer::parse(text).unwrap();
        de::Deserializer::new(toml, &expander.paths(&paths)).deserialize::<At<toml::Spanned<u16>>>()
    };
    assert_eq!(*read("v = \"$PORT\"").unwrap().v.get_ref(), 8080);
    let error = read("v = \"$SECRET\"").unwrap_err();
    assert!(error.to_string().contains("invalid value for $SECRET at v: expected u16"), "{error}");
}

#[test]
fn a_config_whose_numbers_are_text_is_coerced() {
    let text = r#"{"v": "8080", "w": "mail", "x": "$PORT", "y": "$KIND"}"#;
    #[derive(Debug, PartialEq, Deserialize)]
    struct Coerced {
        v: u16,
        w: Kind,
        x: u16,
        y: Kind,
    }
    let vars = [("PORT", "80"), ("KIND", "mail")];
    let source = config::File::from_str(text, config::FileFormat::Json);
    let config = config::Config::builder().add_source(source).build().unwrap();
    let expander = Expander::new(&vars);
    let read: Coerced = de::Deserializer::new(config, &expander).coerce().deserialize().unwrap();
    assert_eq!(read, Coerced { v: 8080, w: Kind::Mail, x: 80, y: Kind::Mail });
}

#[test]
fn an_enum_of_two_keys_is_not_coerced() {
    let none: [(&str, &str); 0] = [];
    let expander = Expander::new(&none);
    let read = |text| {
        let toml = toml::Deserializer::parse(text).unwrap();
        de::Deserializer::new(toml, &expander).coerce().deserialize::<Kind>()
    };
    assert_eq!(read("new = 5").unwrap(), Kind::New(5));
    let error = read("new = 5\npair = [1, true]").unwrap_err().to_string();
    assert!(error.contains("invalid value: map, expected a map with a single key"), "{error}");
}

#[test]
fn references_are_explained_in_every_format() {
    let document = json!({"a": "$A", "b": [{"c": "x $<B>"}]});
    let expected = [
        "unresolved reference $A at a: unset, and no fallback is set",
        "unresolved reference $<B> at b[0].c: unset",
    ];
    for format in Format::ALL {
        let found = format.explain(&format.write(&document)).unwrap();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{format:?}");
    }
}

#[test]
fn deep_nesting_ends_in_the_error_of_each_format() {
    let nested = |depth: usize, value: &str| format!("{}{value}{}", "[".repeat(depth), "]".repeat(depth));
    for format in Format::ALL {
        let document = |value: String| match format {
            Format::Json | Format::Figment | Format::Config => format!(r#"{{"v": {value}}}"#),
            Format::Toml => format!("v = {value}"),
            Format::Yaml | Format::Saphyr => format!("v: {value}"),
        };
        // The scanner of `yaml_serde` takes quadratic time for this, with or without the adapter.
        let depth = if format == Format::Yaml { 1_000 } else { 100_000 };
        let text = document(nested(depth, ""));
        let direct = format.read::<At<Value>>(&text, None).unwrap_err().to_string();
        let error = format.read::<At<Value>>(&text, Some(&[])).unwrap_err();
        assert_eq!(error.to_string(), direct, "{format:?}");
        assert_eq!(format.explain(&text).unwrap_err().to_string(), direct, "{format:?}");

        // The deepest that the format reads is not too deep for the adapter.
        let reads = |depth: usize| format.read::<At<Value>>(&document(nested(depth, "")), None).is_ok();
        let (mut deepest, mut too_deep) = (1, depth);
        while too_deep - deepest > 1 {
            let depth = usize::midpoint(deepest, too_deep);
            if reads(depth) { deepest = depth } else { too_deep = depth }
        }
        let text = document(nested(deepest, "\"$PORT\""));
        let mut value = format.read::<At<Value>>(&text, Some(&[("PORT", "8080")])).unwrap().v;
        while let Value::Array(mut items) = value {
            value = items.remove(0);
        }
        assert_eq!(value, "8080", "{format:?}");
        let path = format!("v{}", "[0]".repeat(deepest));
        let explanation = format.explain(&text).unwrap();
        let shown = explanation[0].path().unwrap();
        // A long path is shown without its middle.
        let (start, end) = shown.split_once('…').unwrap_or((shown, ""));
        assert!(path.starts_with(start) && path.ends_with(end), "{format:?}: {shown}");
        assert_eq!(path.len() <= 256, shown == path, "{format:?}: {shown}");
    }
}

#[test]
fn no_value_shows_in_what_a_type_makes_of_a_document_of_any_format() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "At<String>")]
    struct Refused;

    impl TryFrom<At<String>> for Refused {
        type Error = String;

        fn try_from(at: At<String>) -> Result<Self, String> {
            Err(format!("I do not like {}", at.v))
        }
    }

    fn check<T: DeserializeOwned + Debug>(format: Format, document: &Value, read: &str, handed_on: &str) {
        let vars = [("SECRET", SECRET)];
        let text = format.write(document);
        for (error, expected) in [
            (format.read::<T>(&text, Some(&vars)).unwrap_err(), read),
            (format.hand_on::<T>(&text, &vars).unwrap_err(), handed_on),
        ] {
            assert!(error.to_string().contains(expected), "{format:?}: {error}");
            assert_no_secret(&*error);
        }
    }
    for format in Format::ALL {
        check::<Internal<Port<u16>>>(
            format,
            &json!({"kind": "a", "port": "$SECRET"}),
            "invalid value, in which $SECRET is expanded: expected u16",
            "invalid value: expected u16",
        );
        check::<Untagged<Port<u16>>>(
            format,
            &json!({"port": "$SECRET"}),
            "invalid value, in which $SECRET is expanded",
            "invalid value: details withheld",
        );
        check::<Refused>(
            format,
            &json!({"v": "$SECRET"}),
            "invalid value, in which $SECRET is expanded",
            "invalid value: details withheld",
        );
    }
}
