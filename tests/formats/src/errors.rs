//! Errors and explanations, which read the same in every format, and hold no value.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::support::{SECRET, assert_no_secret};
use crate::types::{At, Flat, Internal, Port, Untagged};

#[test]
fn a_message_names_reference_and_path() {
    let vars = [("SECRET", SECRET)];
    for format in Format::ALL {
        for (text, expected) in [
            ("${SECRET}", "invalid value for ${SECRET} at v: expected u16"),
            ("1${SECRET}", "invalid value for ${SECRET} at v: expected u16"),
            ("${UNSET}", "${UNSET} is unset, expected u16 at v"),
        ] {
            let document = format.write(&At { v: text }).unwrap();
            let error = format.read::<At<u16>>(&document, &vars).unwrap_err();
            assert!(error.to_string().contains(expected), "{format:?}: {error}");
            assert_no_secret(&*error);
        }
        let document = format.write(&At { v: Flat { v: Port { port: "$SECRET" } } }).unwrap();
        let error = format.read::<At<Flat<Port<u16>>>>(&document, &vars).unwrap_err();
        let expected = "invalid value at v, in which $SECRET is expanded at v.port: expected u16";
        assert!(error.to_string().contains(expected), "{format:?}: {error}");
        assert_no_secret(&*error);
    }
}

#[test]
fn references_are_explained() {
    #[derive(Serialize)]
    struct Document {
        a: &'static str,
        b: Vec<Port<&'static str>>,
    }

    let document = Document { a: "$A", b: vec![Port { port: "x $<B>" }] };
    let expected = [
        "unresolved reference $A at a: unset, and no fallback is set",
        "unresolved reference $<B> at b[0].port: unset",
    ];
    for format in Format::ALL {
        let explanation = format.explain(&format.write(&document).unwrap()).unwrap();
        assert_eq!(explanation.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{format:?}");
    }
}

#[test]
fn no_value_shows_in_what_a_type_makes_of_a_document() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "At<String>")]
    struct Refused;

    impl TryFrom<At<String>> for Refused {
        type Error = String;

        fn try_from(at: At<String>) -> Result<Self, String> {
            Err(format!("I do not like {}", at.v))
        }
    }

    /// Checks what the adapter says by itself, and after it was passed on.
    fn check<T: DeserializeOwned + Debug + 'static>(
        format: Format,
        document: &impl Serialize,
        read: &str,
        passed_on: &str,
    ) {
        let vars = [("SECRET", SECRET)];
        let document = format.write(document).unwrap();
        for (error, expected) in [
            (format.read::<T>(&document, &vars).unwrap_err(), read),
            (format.pass_on::<T>(&document, &vars).unwrap_err(), passed_on),
        ] {
            assert!(error.to_string().contains(expected), "{format:?}: {error}");
            assert_no_secret(&*error);
        }
    }
    for format in Format::ALL {
        check::<Internal<Port<u16>>>(
            format,
            &Internal::A(Port { port: "$SECRET" }),
            "invalid value, in which $SECRET is expanded at port: expected u16",
            "invalid value: expected u16",
        );
        check::<Untagged<Port<u16>>>(
            format,
            &Port { port: "$SECRET" },
            "invalid value, in which $SECRET is expanded",
            "invalid value (details withheld",
        );
        check::<Refused>(
            format,
            &At { v: "$SECRET" },
            "invalid value, in which $SECRET is expanded",
            "invalid value (details withheld",
        );
    }
}
