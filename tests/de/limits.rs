//! What a document cannot do: outgrow the output limit, or the stack.

use envref::{Dialect, ErrorKind, Expander, de};
use serde_json::Value;

use crate::{expander, read, read_by};

#[test]
fn the_output_limit_bounds_the_whole_document() {
    let vars = [("A", "aaaa")];
    let read = |text, limit| read_by::<Vec<String>>(text, &Expander::new(&vars).output_limit(limit));
    let text = r#"["$A", "a long text that holds no reference, not even $", "x$A"]"#;
    assert_eq!(read(text, 9).unwrap()[2], "xaaaa");
    let error = read(text, 8).unwrap_err();
    let expected = "expansions longer than the limit of 8 bytes for the document, with $A at [2]";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_eq!(error.kind(), ErrorKind::OutputLimit);
    let site = error.site().unwrap();
    assert_eq!((site.name(), site.path(), site.span()), ("A", Some("[2]"), 1..3));
}

#[test]
fn the_output_limit_blames_the_reference_whose_word_crosses_it() {
    let rules = expander().dialect(Dialect::Compose).output_limit(3);
    let error = read_by::<Vec<String>>(r#"["ab", "x${NO:-${NO:-abcd}}"]"#, &rules).unwrap_err();
    let expected = "expansions longer than the limit of 3 bytes for the document, with ${NO:-…} at [1]";
    assert!(error.to_string().starts_with(expected), "{error}");
    let site = error.site().unwrap();
    assert_eq!((site.text(), site.path(), site.span()), ("${NO:-${NO:-abcd}}", Some("[1]"), 1..19));
}

#[test]
fn a_text_in_which_nothing_is_replaced_does_not_count() {
    let rules = expander().output_limit(0);
    let text = r#"["$UNSET and more", "$5", "plain", "$EMPTY"]"#;
    assert_eq!(read_by::<Vec<String>>(text, &rules).unwrap(), ["$UNSET and more", "$5", "plain", ""]);
}

#[test]
fn deep_nesting_ends_in_the_error_of_the_format() {
    for text in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000), r#"[{"a":"#.repeat(100_000)] {
        let error = read::<Value>(&text).unwrap_err().to_string();
        assert!(error.starts_with("recursion limit exceeded"), "{error}");
        let mut json = serde_json::Deserializer::from_str(&text);
        let error = de::explain(&mut json, &expander()).unwrap_err();
        assert!(error.to_string().starts_with("recursion limit exceeded"), "{error}");
    }
    let deepest = format!("{}\"$PORT\"{}", "[".repeat(127), "]".repeat(127));
    let mut value = read::<Value>(&deepest).unwrap();
    while let Value::Array(mut items) = value {
        value = items.remove(0);
    }
    assert_eq!(value, "8080");
}
