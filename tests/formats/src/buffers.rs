//! Types of other crates that read into a buffer, or ask for anything: a number in them takes no reference, and some say
//! nothing. Each with what to write instead.

use std::fmt::Debug;

use envref::{Expander, Paths, de};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_with::formats::PreferMany;
use serde_with::{DefaultOnError, DisplayFromStr, OneOrMany, PickFirst, VecSkipError, serde_as};

use crate::support::SECRET;
use crate::types::At;

fn read<T: DeserializeOwned>(text: &str) -> Result<T, de::Error<serde_json::Error>> {
    let vars = [("PORT", "8080"), ("SECRET", SECRET)];
    de::deserialize(&mut serde_json::Deserializer::from_str(text), &Expander::new(&vars))
}

#[track_caller]
fn check<T: DeserializeOwned + PartialEq + Debug>(text: &str, expected: T) {
    assert_eq!(read::<T>(text).unwrap(), expected, "{text}");
}

/// Makes a type with the field `v` of a type, read as another says.
macro_rules! field {
    ($name:ident: $type:ty as $as:literal) => {
        #[serde_as]
        #[derive(Debug, PartialEq, Deserialize)]
        struct $name {
            #[serde_as(as = $as)]
            v: $type,
        }
    };
}

#[test]
fn default_on_error_makes_a_silent_default_of_a_number() {
    field!(Plain: u16 as "DefaultOnError");
    check(r#"{"v": 80}"#, Plain { v: 80 });
    check(r#"{"v": "$PORT"}"#, Plain { v: 0 });

    field!(Helped: u16 as "DefaultOnError<PickFirst<(_, DisplayFromStr)>>");
    check(r#"{"v": 80}"#, Helped { v: 80 });
    check(r#"{"v": "$PORT"}"#, Helped { v: 8080 });
    check(r#"{"v": "$SECRET"}"#, Helped { v: 0 });
}

#[test]
fn vec_skip_error_drops_a_number() {
    field!(Plain: Vec<u16> as "VecSkipError<_>");
    check(r#"{"v": [80, "$PORT"]}"#, Plain { v: vec![80] });

    field!(Helped: Vec<u16> as "VecSkipError<PickFirst<(_, DisplayFromStr)>>");
    check(r#"{"v": [80, "$PORT", "$SECRET"]}"#, Helped { v: vec![80, 8080] });
}

#[test]
fn one_or_many_refuses_a_number() {
    field!(Plain: Vec<u16> as "OneOrMany<_, PreferMany>");
    check(r#"{"v": 80}"#, Plain { v: vec![80] });
    for text in [r#"{"v": "$SECRET"}"#, r#"{"v": ["$SECRET"]}"#] {
        let error = read::<Plain>(text).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("$SECRET") && !shown.contains(SECRET), "{shown}");
    }
    assert!(read::<Plain>(r#"{"v": "$PORT"}"#).is_err());

    field!(Helped: Vec<u16> as "OneOrMany<PickFirst<(_, DisplayFromStr)>, PreferMany>");
    check(r#"{"v": 80}"#, Helped { v: vec![80] });
    check(r#"{"v": "$PORT"}"#, Helped { v: vec![8080] });
    check(r#"{"v": ["$PORT", 80]}"#, Helped { v: vec![8080, 80] });
}

#[test]
fn pick_first_takes_a_number_as_a_text() {
    field!(Helped: u16 as "PickFirst<(_, DisplayFromStr)>");
    check(r#"{"v": 80}"#, Helped { v: 80 });
    check(r#"{"v": "$PORT"}"#, Helped { v: 8080 });
}

/// It asks for anything, so that the adapter cannot tell that a number is expected. A number of Rust takes a reference.
#[test]
fn a_number_of_serde_json_refuses_a_reference() {
    check(r#"{"v": 80}"#, At { v: serde_json::Number::from(80) });
    let error = read::<At<serde_json::Number>>(r#"{"v": "$SECRET"}"#).unwrap_err();
    assert!(
        error.to_string().starts_with("invalid value for $SECRET at v: expected a JSON number"),
        "{error}"
    );
    assert!(read::<At<serde_json::Number>>(r#"{"v": "$PORT"}"#).is_err());
    check(r#"{"v": "$PORT"}"#, At { v: 8080_u64 });
}

#[test]
fn paths_select_in_a_buffer() {
    #[serde_as]
    #[derive(Debug, PartialEq, Deserialize)]
    struct Buffers {
        #[serde_as(as = "OneOrMany<_, PreferMany>")]
        many: Vec<String>,
        #[serde_as(as = "VecSkipError<_>")]
        some: Vec<String>,
        #[serde_as(as = "DefaultOnError<PickFirst<(_, DisplayFromStr)>>")]
        port: u16,
    }

    let text = r#"{"many": ["$PORT", "$PORT"], "some": ["$PORT", "$PORT"], "port": "$PORT"}"#;
    let vars = [("PORT", "8080")];
    let paths = Paths::new(["many[0]", "some[1]", "*"]).unwrap();
    let expander = Expander::new(&vars).paths(&paths);
    let read: Buffers = de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander).unwrap();
    let [many, some] = [["8080", "$PORT"], ["$PORT", "8080"]].map(|texts| texts.map(str::to_owned).to_vec());
    assert_eq!(read, Buffers { many, some, port: 8080 });

    let paths = Paths::new(["!**"]).unwrap();
    let expander = expander.paths(&paths);
    let read: Buffers = de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander).unwrap();
    let [many, some] = [["$PORT"; 2], ["$PORT"; 2]].map(|texts| texts.map(str::to_owned).to_vec());
    assert_eq!(read, Buffers { many, some, port: 0 });
}
