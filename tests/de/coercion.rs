//! The adapter that coerces.

use std::collections::BTreeMap;

use envref::de;
use serde::Deserialize;
use serde::de::value::MapDeserializer;

use crate::expander;
use crate::forwarding::Terse;
use crate::types::Content;

#[test]
fn any_text_is_coerced() {
    let text = r#"["8080", "true", "Mail", {"New": "$PORT"}, "7", "x"]"#;
    let value: (u16, bool, Content, Content, i128, String) =
        de::Deserializer::new(&mut serde_json::Deserializer::from_str(text), &expander())
            .coerce()
            .deserialize()
            .unwrap();
    assert_eq!(value, (8080, true, Content::Mail, Content::New(8080), 7, "x".to_owned()));
}

#[test]
fn an_enum_is_left_to_the_format() {
    let rules = expander();
    let error = de::Deserializer::new(Terse("Mail"), &rules).coerce().deserialize::<Content>().unwrap_err();
    assert_eq!(error.to_string(), "invalid type: text, expected enum Content");
}

#[test]
fn what_is_refused_while_coercing_is_not_shown() {
    let text = serde_json::json!({"port": "s3cret", "ports": ["80", []]});
    let error = de::coerce::<_, BTreeMap<String, u16>>(&text["port"]).unwrap_err();
    assert!(!error.to_string().contains("s3cret"), "{error}");
    let error = de::coerce::<_, u16>(&text["port"]).unwrap_err();
    assert_eq!(error.to_string(), "invalid value: a value that is not shown, expected u16");
    let error = de::coerce::<_, Vec<u16>>(&text["ports"]).unwrap_err();
    assert_eq!(error.to_string(), "invalid value: a value at [1] that is not shown, expected u16");
}

#[test]
fn a_key_that_is_an_enum_is_not_coerced() {
    let map = MapDeserializer::new([(Terse("Mail"), 1)].into_iter());
    let rules = expander();
    let read = de::Deserializer::new(map, &rules).coerce().deserialize::<BTreeMap<Content, u8>>();
    assert_eq!(read.unwrap_err().to_string(), "invalid type: text, expected enum Content");
}

#[test]
fn a_type_that_holds_itself_is_coerced_within_itself() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Node {
        #[serde(default, deserialize_with = "de::coerce")]
        port: u16,
        #[serde(default, deserialize_with = "de::coerce")]
        next: Option<Box<Node>>,
        #[serde(flatten)]
        rest: BTreeMap<String, Kind>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Kind {
        Port(u16),
        Text(String),
        #[serde(deserialize_with = "de::coerce")]
        Nodes(Vec<Node>),
    }
    let text = r#"{
        "port": "$PORT", "next": {"next": {"port": "${PORT}"}},
        "list": [{"port": "$PORT"}], "text": "$PORT."
    }"#;
    let node = |port| Node { port, next: None, rest: BTreeMap::new() };
    let rest = [("list", Kind::Nodes(vec![node(8080)])), ("text", Kind::Text("8080.".to_owned()))];
    let expected = Node {
        port: 8080,
        next: Some(Box::new(Node { next: Some(Box::new(node(8080))), ..node(0) })),
        rest: rest.into_iter().map(|(key, kind)| (key.to_owned(), kind)).collect(),
    };
    let read = |text: &str| -> Result<Node, _> {
        de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander())
    };
    assert_eq!(read(text).unwrap(), expected);
    let error = read(r#"{"next": {"next": {"port": "$SECRET"}}}"#).unwrap_err();
    let message = "invalid value at next, in which $SECRET is expanded at next.next.port at line 1 column 39";
    assert_eq!(error.to_string(), message);
}

/// Without a layer of calls for each level: 120 layers on each of 120 levels would not fit on the stack.
#[test]
fn a_deep_document_is_coerced_within_itself() {
    #[derive(Deserialize)]
    struct Node {
        #[serde(default, deserialize_with = "de::coerce")]
        next: Option<Box<Node>>,
        #[serde(default)]
        port: u16,
    }
    let read = || {
        let depth = 120;
        let text = r#"{"next":"#.repeat(depth) + r#"{"port":"$PORT"}"# + &"}".repeat(depth);
        let mut json = serde_json::Deserializer::from_str(&text);
        let node: Node = de::deserialize(&mut json, &expander()).unwrap();
        let nodes = std::iter::successors(Some(&node), |node| node.next.as_deref());
        assert_eq!(nodes.last().map(|node| node.port), Some(8080));
    };
    // Without optimisation, a level takes 30 KB.
    std::thread::Builder::new().stack_size(8 << 20).spawn(read).unwrap().join().unwrap();
}

/// A field of a coerced field, and what is left of an error on the way out.
#[test]
fn errors_come_through_coercion_as_they_were() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "it is only read")]
    struct Leaf {
        #[serde(deserialize_with = "de::coerce")]
        port: u16,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "it is only read")]
    struct Top {
        #[serde(deserialize_with = "de::coerce")]
        leaf: Leaf,
    }
    let refuses = |text: &str| {
        let mut json = serde_json::Deserializer::from_str(text);
        de::deserialize::<_, Top, _, _>(&mut json, &expander()).unwrap_err().into_inner()
    };
    let error = refuses(r#"{"leaf": {"report": "$PORT"}}"#);
    assert_eq!(error.to_string(), "missing field `port` at line 1 column 28");
    assert!(error.is_data());
    let error = refuses(r#"{"leaf": {"port": 1, "port": 2}}"#);
    assert_eq!(error.to_string(), "duplicate field `port` at line 1 column 27");
    // The format's own error, with its place, and not one that says the same.
    let yaml = yaml_serde::Deserializer::from_str("leaf:\n  port: x\n");
    let error = de::coerce::<_, Top>(yaml).unwrap_err();
    assert_eq!(error.location().map(|it| (it.line(), it.column())), Some((2, 3)));
}

/// Whatever an erased deserializer is asked for, it answers as itself.
#[test]
fn every_shape_comes_through_coercion() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Tuple(u8, char);
    #[derive(Debug, PartialEq, Deserialize)]
    struct New(f32);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Unit;
    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Unit,
        New(i64),
        Tuple(u16, bool),
        Struct { a: Option<u8> },
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "it is only read")]
    struct All<'a> {
        #[serde(borrow)]
        text: &'a str,
        cow: std::borrow::Cow<'a, str>,
        wide: (i128, u128),
        tuple: Tuple,
        new: New,
        unit: (Unit, ()),
        kinds: Vec<Kind>,
        map: BTreeMap<u64, Option<String>>,
        raw: Box<serde_json::value::RawValue>,
        ignored: serde::de::IgnoredAny,
    }
    let text = r#"{
        "text": "a", "cow": "b\n", "wide": [-1, 9],
        "tuple": [1, "c"], "new": 0.1, "unit": [null, null],
        "kinds": ["Unit", {"New": "7"}, {"Tuple": ["80", "true"]}, {"Struct": {"a": null}}],
        "map": {"1": null, "2": "x"}, "raw": {"x": [1 ,2]}, "ignored": [{}]
    }"#;
    let all: All<'_> = de::coerce(&mut serde_json::Deserializer::from_str(text)).unwrap();
    assert_eq!((all.text, &*all.cow, all.wide), ("a", "b\n", (-1, 9)));
    assert_eq!((all.tuple, all.new, all.unit), (Tuple(1, 'c'), New(0.1), (Unit, ())));
    let kinds = [Kind::Unit, Kind::New(7), Kind::Tuple(80, true), Kind::Struct { a: None }];
    assert_eq!(all.kinds, kinds);
    assert_eq!(all.map, BTreeMap::from([(1, None), (2, Some("x".to_owned()))]));
    assert_eq!(all.raw.get(), r#"{"x": [1 ,2]}"#);
}
