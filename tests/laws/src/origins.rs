//! The laws of saving without secrets, over JSON: a random document is read, edited, and restored.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::{Result, Unstructured};
use envref::origins::{Origins, Restored};
use envref::{Dialect, Expander, Paths, Unset, de};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Checks all laws on a file of the fuzzer.
pub fn check(data: &[u8]) {
    let _ = all_hold(&mut Unstructured::new(data));
}

/// Checks all laws on one document and one series of edits. Returns how many edits there were.
pub fn all_hold(u: &mut Unstructured<'_>) -> Result<usize> {
    let template = document(u)?;
    let paths = u.choose(&PATHS)?;
    let paths = (!paths.is_empty()).then(|| Paths::new(*paths).unwrap());
    let vars: &(dyn envref::Lookup + Sync) = &VARS;
    let dialect = *u.choose(&[Dialect::Plain, Dialect::Compose])?;
    let unset = *u.choose(&[Unset::Default, Unset::Keep, Unset::Empty])?;
    let expander = Expander::new(vars).dialect(dialect).on_unset(unset);
    let expander = paths.as_ref().map_or(expander, |paths| expander.paths(paths));
    let (config, origins) = read_with_origins(&template.to_string(), &expander);

    identity(&template, &config, &origins);
    one_change_changes_one_place(u, &template, &config, &origins)?;
    if paths.is_none() {
        moved_entries_keep_their_references(u, &template, &config, &origins)?;
    }

    let mut edited = config.clone();
    let edits = u.int_in_range(1..=4)?;
    for _ in 0..edits {
        edit(u, &mut edited)?;
    }
    match origins.restore(&edited) {
        Ok(restored) => {
            let saved = serde_json::to_value(&restored).unwrap();
            reads_again(&saved, &edited, &expander);
            if paths.is_none() {
                shows_no_secret(&saved, &config, &edited);
            }
            accounts_for_all(&saved, &origins, &restored);
            shows_no_value(&format!("{origins:?} {restored:?}"), &template);
        }
        Err(error) => {
            let has_escape = dialect == Dialect::Compose && unset != Unset::Keep;
            assert!(!has_escape, "{error}: {template} {edited:?}");
            // What was text at a place that takes no part may be a reference at one that does.
            assert!(paths.is_some() || has_new_reference(&config, &edited), "{error}: {template} {edited:?}");
            shows_no_value(&format!("{error} {error:?}"), &template);
        }
    }
    Ok(edits)
}

/// Nothing has changed: what is saved is what was read, and nothing is lost.
fn identity(template: &Value, config: &Config, origins: &Origins) {
    let restored = origins.restore(config).unwrap();
    assert_eq!(restored.dropped(), [] as [&envref::origins::Origin; 0], "{template:#}");
    assert_eq!(sorted(&serde_json::to_value(&restored).unwrap()), sorted(template));
}

/// A change of one value changes that one place of the document.
fn one_change_changes_one_place(
    u: &mut Unstructured<'_>,
    template: &Value,
    config: &Config,
    origins: &Origins,
) -> Result<()> {
    let mut edited = config.clone();
    let mut expected = template.clone();
    let is_new = u.ratio(1, 2)?;
    if is_new || edited.servers.is_empty() {
        edited.nickname = "changed".into();
        expected["nickname"] = json!("changed");
    } else {
        let index = u.choose_index(edited.servers.len())?;
        edited.servers[index].token = "changed".into();
        expected["servers"][index]["token"] = json!("changed");
    }
    let restored = origins.restore(&edited).unwrap();
    assert_eq!(sorted(&serde_json::to_value(&restored).unwrap()), sorted(&expected));
    Ok(())
}

/// Entries that are moved, removed and added have the texts that they had, as long as no two are equal.
fn moved_entries_keep_their_references(
    u: &mut Unstructured<'_>,
    template: &Value,
    config: &Config,
    origins: &Origins,
) -> Result<()> {
    let mut edited = config.clone();
    // What tells them apart here is a name that is in no variable.
    let texts: BTreeMap<_, _> = template["servers"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&config.servers)
        .map(|(text, server)| (server.id.clone(), text.clone()))
        .collect();
    for _ in 0..u.int_in_range(1..=5)? {
        if edited.servers.is_empty() {
            break;
        }
        let index = u.choose_index(edited.servers.len())?;
        let server = edited.servers.remove(index);
        match u.int_in_range(0..=2)? {
            0 => {}
            1 => edited.servers.insert(u.choose_index(edited.servers.len() + 1)?, server),
            _ => {
                edited.servers.insert(index, server);
                let new = Server { id: format!("new {index}"), token: "new".into(), note: None, port: 1 };
                edited.servers.insert(u.choose_index(edited.servers.len() + 1)?, new);
            }
        }
    }
    let saved = serde_json::to_value(origins.restore(&edited).unwrap()).unwrap();
    for (server, saved) in edited.servers.iter().zip(saved["servers"].as_array().unwrap()) {
        match texts.get(&server.id) {
            Some(text) => assert_eq!(saved, text),
            None => assert_eq!(*saved, serde_json::to_value(server).unwrap()),
        }
    }
    Ok(())
}

/// What was saved reads as the value that was saved.
fn reads_again(saved: &Value, edited: &Config, expander: &Expander<'_>) {
    let (again, _) = read_with_origins(&saved.to_string(), expander);
    assert_eq!(again, *edited, "{saved}");
}

/// A value that nobody touched or copied is not written where it was a reference.
fn shows_no_secret(saved: &Value, before: &Config, after: &Config) {
    let count = |config: &Config| {
        let mut counts = BTreeMap::new();
        for text in texts(&serde_json::to_value(config).unwrap()) {
            *counts.entry(text).or_insert(0) += 1;
        }
        counts
    };
    let (before, after) = (count(before), count(after));
    let saved = texts(saved);
    for secret in SECRETS {
        let mut holding = after.iter().filter(|(text, _)| text.contains(secret));
        let is_touched = holding.any(|(text, count)| before.get(text).is_none_or(|before| before < count));
        let is_shown = saved.iter().any(|text| text.contains(secret));
        assert!(is_touched || !is_shown, "{secret} shows: {saved:#?}");
    }
}

/// Every reference is in the output, or is said to be lost.
fn accounts_for_all(saved: &Value, origins: &Origins, restored: &Restored<'_>) {
    let mut saved = texts(saved);
    saved.sort_unstable();
    for origin in origins {
        if !restored.dropped().contains(&origin) {
            assert!(
                saved.binary_search(&origin.text().to_owned()).is_ok(),
                "{origin:?} is neither saved nor lost"
            );
        }
    }
}

/// No value is in an error or in the output of `Debug`, unless the document has it as well.
fn shows_no_value(shown: &str, template: &Value) {
    let template = template.to_string();
    for secret in SECRETS {
        assert!(!shown.contains(secret) || template.contains(secret), "{shown}");
    }
}

/// Tells whether there is a text with a `$` now that was not there before.
fn has_new_reference(before: &Config, after: &Config) -> bool {
    let before = texts(&serde_json::to_value(before).unwrap());
    let after = texts(&serde_json::to_value(after).unwrap());
    let count = |texts: &[String], text: &String| texts.iter().filter(|it| *it == text).count();
    after.iter().any(|text| text.contains('$') && count(&after, text) > count(&before, text))
}

fn read_with_origins(text: &str, expander: &Expander<'_>) -> (Config, Origins) {
    let mut json = serde_json::Deserializer::from_str(text);
    de::Deserializer::new(&mut json, expander)
        .deserialize_with_origins()
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Returns all texts of a document that are values.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Returns a document with its sets in order: they have one of their own.
fn sorted(document: &Value) -> Value {
    let mut document = document.clone();
    let texts: BTreeSet<_> = texts(&document["tags"]).into_iter().collect();
    document["tags"] = json!(texts);
    document
}

/// What may take part: all numbers always do, as the type could not read them otherwise.
const PATHS: [&[&str]; 6] = [
    &[],
    &[],
    &[],
    &["**.token", "**.port", "pair[1]", "**.Pair[1]", "ports.*", "tags[*]", "list[*]"],
    &["**.port", "pair[1]", "**.Pair[1]", "ports.*", "servers[0].**", "profiles.*.**", "any.**"],
    &["**", "!servers[*].note", "!nickname"],
];

const SECRETS: [&str; 6] = ["s3cret-0", "s3cret-1", "s3cret-2", "s3cret-3", "s3cret-4", "s3cret-5"];

static VARS: [(&str, &str); 13] = [
    ("S0", "s3cret-0"),
    ("S1", "s3cret-1"),
    ("S2", "s3cret-2"),
    ("S3", "s3cret-3"),
    ("S4", "s3cret-4"),
    ("S5", "s3cret-5"),
    ("SAME", "s3cret-0"),
    ("EMPTY", ""),
    ("PLAIN", "plain"),
    // Not expanded again.
    ("DOLLAR", "$S1"),
    ("P0", "8080"),
    ("P1", "8081"),
    ("P2", "25"),
];

/// A type with the shapes of serde.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Config {
    nickname: String,
    port: u16,
    token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backup: Option<String>,
    servers: Vec<Server>,
    archive: Vec<Server>,
    profiles: BTreeMap<String, Profile>,
    tags: BTreeSet<String>,
    list: Vec<String>,
    pair: (String, u16),
    trio: [Server; 2],
    ports: BTreeMap<u8, u16>,
    channels: Vec<Channel>,
    sinks: Vec<Sink>,
    any: Value,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Server {
    id: String,
    token: String,
    note: Option<String>,
    port: u16,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Profile {
    token: String,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Channel {
    Off,
    Key(Key),
    Pair(String, u16),
    Mail { token: String, port: u16 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Key(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Sink {
    File { dir: String },
    Net { token: String, targets: Vec<String> },
}

/// Makes a document of the type [`Config`], with references.
fn document(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut document = json!({
        "nickname": text(u)?,
        "port": number(u)?,
        "token": if u.ratio(1, 4)? { Value::Null } else { json!(text(u)?) },
        "servers": servers(u, "s")?,
        "archive": servers(u, "a")?,
        "profiles": map(u, |u| {
            let mut profile = map(u, |u| Ok(json!(text(u)?)))?;
            profile.insert("token".into(), json!(text(u)?));
            Ok(Value::Object(profile))
        })?,
        "tags": [],
        "list": list(u, |u| Ok(json!(text(u)?)))?,
        "pair": [text(u)?, number(u)?],
        "trio": [server(u, "t0")?, server(u, "t1")?],
        "ports": (0..u.int_in_range(0..=2)?)
            .map(|key: u8| Ok((key.to_string(), number(u)?)))
            .collect::<Result<Map<_, _>>>()?,
        "channels": list(u, |u| {
            Ok(match u.int_in_range(0..=3)? {
                0 => json!("Off"),
                1 => json!({"Key": text(u)?}),
                2 => json!({"Pair": [text(u)?, number(u)?]}),
                _ => json!({"Mail": {"token": text(u)?, "port": number(u)?}}),
            })
        })?,
        "sinks": list(u, |u| {
            Ok(if u.arbitrary()? {
                json!({"kind": "file", "dir": text(u)?})
            } else {
                json!({
                    "kind": "net",
                    "token": text(u)?,
                    "targets": list(u, |u| Ok(json!(text(u)?)))?,
                })
            })
        })?,
        "any": anything(u, 2)?,
    });
    if u.arbitrary()? {
        document["backup"] = json!(text(u)?);
    }
    // No two are equal, or the set would have fewer than the document.
    let mut tags = Vec::new();
    for tag in ["${S3}", "$S1", "x-${S2}", "tag", "a", "$UNSET-z"] {
        if u.ratio(1, 3)? {
            tags.insert(u.choose_index(tags.len() + 1)?, tag);
        }
    }
    document["tags"] = json!(tags);
    Ok(document)
}

/// Makes a text: a reference, one within other text, one without a value, or none.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let texts = [
        "${S0}",
        "${S1}",
        "${S2}",
        "${S3}",
        "${S4}",
        "$S5",
        "${SAME}",
        "${EMPTY}",
        "${DOLLAR}",
        "${PLAIN}",
        "${UNSET}",
        "pg://u:${S0}@h",
        "x-$S1",
        "$S2-${S3}",
        "$UNSET-x",
        "${S4} $UNSET",
        "plain",
        "",
        "$5",
        "other",
        // Each is something else in the Compose dialect.
        "$$5",
        "$$S0",
        "${S0:+$$S1}",
        "${UNSET:-d}",
        "a${UNSET-$S1}",
    ];
    Ok((*u.choose(&texts)?).to_owned())
}

/// Makes a number, or a reference to one.
fn number(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(u.choose(&[json!("${P0}"), json!("$P1"), json!("${P2}"), json!("80$P2"), json!(8080), json!(1)])?
        .clone())
}

fn server(u: &mut Unstructured<'_>, id: &str) -> Result<Value> {
    let note = if u.arbitrary()? { json!(text(u)?) } else { Value::Null };
    Ok(json!({"id": id, "token": text(u)?, "note": note, "port": number(u)?}))
}

fn servers(u: &mut Unstructured<'_>, prefix: &str) -> Result<Value> {
    let count = u.int_in_range(0..=5)?;
    (0..count).map(|index| server(u, &format!("{prefix}{index}"))).collect()
}

fn list(
    u: &mut Unstructured<'_>,
    mut item: impl FnMut(&mut Unstructured<'_>) -> Result<Value>,
) -> Result<Value> {
    (0..u.int_in_range(0..=4)?).map(|_| item(u)).collect()
}

fn map(
    u: &mut Unstructured<'_>,
    mut value: impl FnMut(&mut Unstructured<'_>) -> Result<Value>,
) -> Result<Map<String, Value>> {
    (0..u.int_in_range(0..=3)?).map(|index| Ok((format!("k{index}"), value(u)?))).collect()
}

fn anything(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth == 0 { 2 } else { 4 })? {
        0 => json!(u.arbitrary::<Option<i8>>()?),
        1 | 2 => json!(text(u)?),
        3 => list(u, |u| anything(u, depth - 1))?,
        _ => Value::Object(map(u, |u| anything(u, depth - 1))?),
    })
}

/// Does to a value what a program may do between loading and saving.
fn edit(u: &mut Unstructured<'_>, config: &mut Config) -> Result<()> {
    match u.int_in_range(0..=19)? {
        0 => config.port = u.arbitrary()?,
        1 => {
            config.nickname = (*u
                .choose(&["new", "", "$S0", "a $UNSET", "${UNSET}", "$5", "$$", "$$S0", "${S0:-x}", "${"])?)
            .to_owned();
        }
        2 => config.token = u.choose(&[None, Some("new token".to_owned())])?.clone(),
        3 => std::mem::swap(&mut config.token, &mut config.backup),
        4 => config.servers.extend(config.archive.pop()),
        5 => std::mem::swap(&mut config.servers, &mut config.archive),
        6 | 7 => edit_list(u, &mut config.servers, |u, server| {
            match u.int_in_range(0..=3)? {
                0 => server.port = u.arbitrary()?,
                1 => server.note = None,
                2 => server.id.push('x'),
                _ => server.token.push_str("-changed"),
            }
            Ok(())
        })?,
        8 => config.trio.reverse(),
        9 => edit_map(u, &mut config.profiles, |u, profile| {
            profile.rest.insert("k1".into(), (*u.choose(&["x", "plain"])?).to_owned());
            Ok(())
        })?,
        10 => {
            let tags = ["b", "zz", "s3cret"];
            config.tags.insert((*u.choose(&tags)?).to_owned());
        }
        11 => drop(config.tags.pop_first()),
        12 => edit_list(u, &mut config.list, |_, text| {
            text.push('x');
            Ok(())
        })?,
        13 => config.pair.1 = config.pair.1.wrapping_add(1),
        14 => edit_map(u, &mut config.ports, |u, port| {
            *port = u.arbitrary()?;
            Ok(())
        })?,
        15 => edit_list(u, &mut config.channels, |u, channel| {
            *channel = u.choose(&[Channel::Off, Channel::Key(Key("new".into()))])?.clone();
            Ok(())
        })?,
        16 => edit_list(u, &mut config.sinks, |_, sink| {
            match sink {
                Sink::File { dir } => dir.push('x'),
                Sink::Net { targets, .. } => targets.reverse(),
            }
            Ok(())
        })?,
        17 => config.any = json!({"was": config.any.take()}),
        18 => {
            if let Value::Array(items) = &mut config.any {
                items.reverse();
            }
        }
        _ => config.backup = config.servers.first().map(|server| server.token.clone()),
    }
    Ok(())
}

fn edit_list<T: Clone>(
    u: &mut Unstructured<'_>,
    list: &mut Vec<T>,
    change: impl Fn(&mut Unstructured<'_>, &mut T) -> Result<()>,
) -> Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    let index = u.choose_index(list.len())?;
    match u.int_in_range(0..=5)? {
        0 => drop(list.remove(index)),
        1 => list.swap(0, index),
        2 => list.reverse(),
        3 => list.rotate_left(index),
        4 => list.insert(index, list[list.len() - 1].clone()),
        _ => change(u, &mut list[index])?,
    }
    Ok(())
}

fn edit_map<K: Clone + Ord, V: Clone>(
    u: &mut Unstructured<'_>,
    map: &mut BTreeMap<K, V>,
    change: impl Fn(&mut Unstructured<'_>, &mut V) -> Result<()>,
) -> Result<()> {
    let keys: Vec<_> = map.keys().cloned().collect();
    if keys.is_empty() {
        return Ok(());
    }
    let (key, other) = (u.choose(&keys)?, u.choose(&keys)?);
    match u.int_in_range(0..=2)? {
        0 => drop(map.remove(key)),
        // The value goes under another key: a rename, or two values change places.
        1 => {
            let (a, b) = (map[key].clone(), map[other].clone());
            map.insert(key.clone(), b);
            map.insert(other.clone(), a);
        }
        _ => change(u, map.get_mut(key).unwrap())?,
    }
    Ok(())
}
