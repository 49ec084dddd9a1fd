//! What stays borrowed from the document.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{assert_starts_with, read};

#[derive(Deserialize)]
struct Borrowing<'a> {
    plain: &'a str,
    dollars: &'a str,
    #[serde(borrow)]
    changed: Cow<'a, str>,
    #[serde(borrow)]
    unchanged: Cow<'a, str>,
}

#[test]
fn a_text_in_which_nothing_is_replaced_stays_borrowed() {
    let text = r#"{"plain": "a", "dollars": "$5 $UNSET!", "changed": "$PORT", "unchanged": "$$"}"#;
    let read: Borrowing<'_> = read(text).unwrap();
    let is_in_text = |part: &str| text.as_bytes().as_ptr_range().contains(&part.as_ptr());
    assert!(is_in_text(read.plain) && is_in_text(read.dollars));
    assert!(matches!(read.unchanged, Cow::Borrowed(part) if is_in_text(part)));
    assert_eq!((read.changed.as_ref(), read.dollars), ("8080", "$5 $UNSET!"));
}

/// What is expanded is not a part of the document, even if it is as long as a variable lives.
#[test]
fn a_borrowed_text_that_is_expanded_is_refused_with_a_hint() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Flat<'a> {
        #[serde(flatten, borrow)]
        inner: Inner<'a>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Inner<'a> {
        name: &'a str,
    }

    for text in ["$PORT", "x$PORT", "$EMPTY"] {
        let reference = text.trim_start_matches('x');
        let hint = "expected a borrowed string: use `Cow<str>` or `String`";
        let expected = format!("invalid value for {reference} at [0]: {hint}");
        assert_starts_with(read::<Vec<&str>>(&format!(r#"["{text}"]"#)), &expected);
    }
    assert_starts_with(
        read::<Flat<'_>>(r#"{"name": "$SECRET"}"#),
        "invalid value, in which $SECRET is expanded at name: expected a borrowed string: use `Cow<str>` or `String`",
    );
    assert_eq!(read::<Flat<'_>>(r#"{"name": "a"}"#).unwrap().inner.name, "a");
}
