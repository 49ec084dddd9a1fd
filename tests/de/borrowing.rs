//! What stays borrowed from the document.

use std::borrow::Cow;

use serde::Deserialize;

use crate::read;

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
