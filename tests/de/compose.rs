//! The Compose dialect in documents: where it bites.

use envref::{Dialect, Paths, Provenance, Unset};

use super::*;

fn compose<T: DeserializeOwned>(text: &str) -> Result<T, de::Error<serde_json::Error>> {
    read_by(text, &expander().dialect(Dialect::Compose))
}

#[derive(Debug, PartialEq, Deserialize)]
struct Server {
    port: u16,
}

#[test]
fn a_word_is_converted_as_a_value_is() {
    assert_eq!(compose::<Server>(r#"{"port": "${NO:-8080}"}"#).unwrap().port, 8080);
    assert_eq!(compose::<Server>(r#"{"port": "${NO:-${PORT}}"}"#).unwrap().port, 8080);
    assert_eq!(compose::<Vec<Option<bool>>>(r#"["${NO:-true}", null]"#).unwrap(), [Some(true), None]);
    assert_eq!(compose::<(f64, char)>(r#"["${NO-0.5}", "${PORT+é}"]"#).unwrap(), (0.5, 'é'));
}

#[test]
fn a_type_error_shows_the_reference_without_its_word() {
    let error =
        compose::<std::collections::BTreeMap<String, Server>>(r#"{"server": {"port": "${PORT_:-http}"}}"#);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    let message = error.to_string();
    assert!(message.starts_with("invalid value for ${PORT_:-…} at server.port: expected u16"), "{message}");

    let error = compose::<Server>(r#"{"port": "${NO:-$SECRET}"}"#).unwrap_err().to_string();
    assert!(error.starts_with("invalid value for ${NO:-…} at port: expected u16"), "{error}");
    let error = compose::<Server>(r#"{"port": "$$5"}"#).unwrap_err().to_string();
    assert!(error.starts_with("invalid value at port: expected u16"), "{error}");
}

#[test]
fn a_text_with_nothing_but_escapes_is_not_skipped() {
    assert_eq!(compose::<Vec<String>>(r#"["$$", "$${PORT}", "a"]"#).unwrap(), ["$", "${PORT}", "a"]);
}

#[test]
fn a_malformed_text_is_not_skipped() {
    let text = r#"{"a": ["x", "${A.B}"]}"#;
    let message = "malformed reference ${A… at a[1]: neither } nor one of :- - :? ? :+ + after the name (write $$ \
                   for a literal $)";
    let error = compose::<serde_json::Value>(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().starts_with(message), "{error}");

    let expander = expander().dialect(Dialect::Compose);
    let error = de::explain(&mut serde_json::Deserializer::from_str(text), &expander).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().starts_with(message), "{error}");

    let paths = Paths::new(["b"]).unwrap();
    let read: serde_json::Value = read_by(text, &expander.paths(&paths)).unwrap();
    assert_eq!(read["a"][1], "${A.B}");
}

#[test]
fn a_required_reference_is_an_error_with_its_message() {
    let error = compose::<Server>(r#"{"port": "${NO:?set it in .env}"}"#).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unresolved);
    let message = "unresolved reference ${NO:?…} at port: unset, and no fallback is set: set it in .env";
    assert!(error.to_string().starts_with(message), "{error}");
    let error = compose::<Vec<String>>(r#"["${NO?} ${EMPTY:?full}"]"#).unwrap_err().to_string();
    assert!(
        error.starts_with("unresolved references at [0]: ${NO?}: unset; ${EMPTY:?…}: empty: full"),
        "{error}"
    );
}

#[test]
fn an_explanation_has_words_and_references_in_them() {
    let expander = expander().dialect(Dialect::Compose);
    let text = r#"{"a": "${NO:-${PORT}} $$"}"#;
    let sites = de::explain(&mut serde_json::Deserializer::from_str(text), &expander).unwrap();
    let found: Vec<_> = sites.iter().map(|site| (site.text(), site.path(), site.provenance())).collect();
    assert_eq!(
        found,
        [("${NO:-${PORT}}", Some("a"), Provenance::Word), ("${PORT}", Some("a"), Provenance::Vars)]
    );
}

#[test]
fn a_value_in_a_buffered_type_shows_in_no_error() {
    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        #[allow(dead_code, reason = "it is never read")]
        A { port: u16 },
    }
    let error = compose::<Tagged>(r#"{"kind": "A", "port": "${NO:-$SECRET}"}"#).unwrap_err().to_string();
    assert!(error.contains("${NO:-…}") && !error.contains(SECRET), "{error}");
}

#[test]
fn to_keep_is_to_keep_escapes() {
    let expander = expander().dialect(Dialect::Compose).on_unset(Unset::Keep);
    assert_eq!(read_by::<Vec<String>>(r#"["$$ ${NO} $PORT"]"#, &expander).unwrap(), ["$$ ${NO} 8080"]);
}
