//! Numbers, bools, characters, texts, and what is read from a text.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use serde_json::json;

use crate::types::{Content, Port};
use crate::{check, check_error};

#[test]
fn a_scalar_is_read_from_a_whole_and_from_an_embedded_reference() {
    check(r#""${PORT}""#, 8080_u16);
    check(r#""1${PORT}""#, 18080_u64);
    check(r#""$NEGATIVE""#, -7_i8);
    check(r#""$NEGATIVE""#, -7_i64);
    check(r#""$<HALF>""#, 0.5_f64);
    check(r#""${PORT}""#, 8080_f32);
    check(r#""1$HALF""#, 10.5_f32);
    check(r#""$YES""#, true);
    check(r#""$C""#, 'é');
    check(r#""$PORT""#, NonZeroU16::new(8080).unwrap());
}

#[test]
fn a_reference_within_another_type_is_read_as_by_itself() {
    check(r#""$PORT""#, Some(8080_u16));
    check(r#""$PORT""#, Port(8080));
    check(r#"["$PORT", "$YES"]"#, (8080_u16, true));
    check(r#"["$PORT", 7]"#, vec![8080_u16, 7]);
    check(r#""/srv/$PORT""#, PathBuf::from("/srv/8080"));
    check(r#""127.0.0.1:${PORT}""#, SocketAddr::from(([127, 0, 0, 1], 8080)));
    check(r#""$KIND""#, Content::Mail);
    check(r#"{"New": "$PORT"}"#, Content::New(8080));
    check(r#"{"Pair": ["$PORT", "$KIND"]}"#, Content::Pair(8080, "Mail".into()));
    check(r#"{"Full": {"port": "$PORT"}}"#, Content::Full { port: 8080 });
    check(r#"["x$PORT", {"a": "$PORT"}]"#, json!(["x8080", {"a": "8080"}]));
}

#[test]
fn a_text_in_which_nothing_is_replaced_is_not_converted() {
    check_error::<u16>(r#""8080""#, r#"invalid type: string "8080", expected u16"#);
    check_error::<bool>(r#""true""#, r#"invalid type: string "true", expected a boolean"#);
    check_error::<u16>(r#""1$UNSET""#, "$UNSET is unset, expected u16");
    check(r#""0123""#, "0123".to_owned());
    check(r#""$EMPTY""#, String::new());
    check(r#""$5 and $""#, "$5 and $".to_owned());
}

#[test]
fn wide_integers_are_read_as_without_the_adapter() {
    check("170141183460469231731687303715884105727", i128::MAX);
    check("340282366920938463463374607431768211455", u128::MAX);
    check("-5", -5_i128);
}

#[test]
fn raw_json_is_kept() {
    #[derive(serde::Deserialize)]
    struct Raw {
        raw: Box<serde_json::value::RawValue>,
        text: String,
    }
    let raw: Raw = crate::read(r#"{"raw": {"a": "$PORT"}, "text": "$PORT"}"#).unwrap();
    assert_eq!((raw.raw.get(), raw.text.as_str()), (r#"{"a": "$PORT"}"#, "8080"));
}
