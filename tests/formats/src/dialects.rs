//! Both dialects on every format: what the support table says of a value holds for a word that takes its place.

use std::convert::identity;
use std::fmt::Debug;

use envref::Dialect;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::format::Format;
use crate::support::{SECRET, assert_no_secret};
use crate::types::{At, Kind};

/// What else the templates refer to is unset.
const VARS: [(&str, &str); 3] = [("EMPTY", ""), ("SECRET", SECRET), ("WHOLE", "${PORT:-8080}")];

fn at<T>(v: T) -> At<T> {
    At { v }
}

fn write(format: Format, text: &str) -> Vec<u8> {
    format.write(&at(text)).unwrap()
}

/// Checks that the word in `text` is read as `word` is where a variable has it, and as `expected` where that can be read.
/// `shape` is what is around the text.
fn check<T, S>(format: Format, shape: fn(&'static str) -> S, text: &'static str, word: &str, expected: T)
where
    T: DeserializeOwned + PartialEq + Debug + 'static,
    S: Serialize,
{
    let write = |text| format.write(&at(shape(text))).unwrap();
    let compose = format.read_in::<At<T>>(Dialect::Compose, &write(text), &VARS).ok();
    let plain = format.read::<At<T>>(&write("${WORD}"), &[("WORD", word)]).ok();
    assert_eq!(compose, plain, "{format:?} {text}");
    // `ron` and `config` compare the names of variants by themselves, before they could be expanded.
    let is_expanded = word != "mail" || !matches!(format, Format::Ron | Format::Config);
    assert_eq!(compose, is_expanded.then(|| at(expected)), "{format:?} {text}");
}

#[test]
fn a_word_is_read_as_a_value_is() {
    for format in Format::ALL {
        check(format, identity, "${PORT:-8080}", "8080", 8080_u16);
        check(format, identity, "${EMPTY:-8080}", "8080", 8080_u16);
        check(format, identity, "8${PORT:-0${EMPTY:-80}}", "8080", 8080_u16);
        check(format, identity, "${DEBUG-true}", "true", true);
        check(format, identity, "${RATIO:--0.25}", "-0.25", -0.25);
        check(format, Some, "${PORT:-8080}", "8080", Some(8080_u16));
        check(format, Some, "${SECRET:+8080}", "8080", Some(8080_u16));
        check(format, identity, "${HOST:-localhost}:${PORT:-80}", "localhost:80", "localhost:80".to_owned());
        check(format, identity, "${NAME:-$${HOST}}", "${HOST}", "${HOST}".to_owned());
        check(format, identity, "$$5", "$5", "$5".to_owned());
        check(format, identity, "${KIND:-mail}", "mail", Kind::<u16>::Mail);
    }
}

/// The same texts, by default.
#[test]
fn in_the_plain_dialect_an_operator_is_text() {
    for format in Format::ALL {
        for text in ["${PORT:-8080}", "${HOST:-localhost}:${PORT:-80}", "$$5", "${PORT:?set it}", "${}"] {
            let read = format.read::<At<String>>(&write(format, text), &VARS).unwrap();
            assert_eq!(read, at(text.to_owned()), "{format:?}");
            assert!(format.read::<At<u16>>(&write(format, text), &VARS).is_err(), "{format:?} {text}");
        }
        // And a value is none in either.
        for dialect in [Dialect::Plain, Dialect::Compose] {
            let read = format.read_in::<At<String>>(dialect, &write(format, "$WHOLE"), &VARS).unwrap();
            assert_eq!(read, at("${PORT:-8080}".to_owned()), "{format:?}");
        }
    }
}

#[test]
fn an_error_names_reference_and_place() {
    for format in Format::ALL {
        for (text, expected) in [
            (
                "${PORT:?set it}",
                "unresolved reference ${PORT:?…} at v: unset, and no fallback is set: set it",
            ),
            ("1${EMPTY:?}", "unresolved reference ${EMPTY:?} at v: empty"),
            ("${PORT:-http}", "invalid value for ${PORT:-…} at v: expected u16"),
            ("${PORT:-$SECRET}", "invalid value for ${PORT:-…} at v: expected u16"),
            ("${}", "malformed reference ${… at v: what follows ${ is not a name (write $$ for a literal $)"),
            ("${PORT:-80", "malformed reference ${PORT… at v: no } closes it (write $$ for a literal $)"),
        ] {
            let error = format.read_in::<At<u16>>(Dialect::Compose, &write(format, text), &VARS).unwrap_err();
            assert!(error.to_string().contains(expected), "{format:?} {text}: {error}");
            assert_no_secret(&*error);
        }
    }
}
