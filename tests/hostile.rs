//! Inputs of sizes and shapes that nobody writes by hand. None has a time limit; each would take hours if expansion
//! were not linear.

use std::borrow::Cow;

use envref::{Expander, expand, references, tokens};

const MILLION: usize = 1_000_000;

#[test]
fn what_almost_is_a_reference_a_million_times() {
    for piece in ["$", "${", "$<", "${A", "$<A", "$1", "${A:-", "$ {A}"] {
        let input = piece.repeat(MILLION);
        let result = expand(&input, &[("B", "x")]);
        assert!(matches!(result, Cow::Borrowed(text) if std::ptr::eq(text, input.as_str())));
    }
}

#[test]
fn a_million_references() {
    let input = "${A}$B".repeat(MILLION);
    assert_eq!(references(&input).count(), 2 * MILLION);
    assert_eq!(tokens(&input).count(), 2 * MILLION);
    assert_eq!(expand(&input, &[("A", "xy")]).len(), "xy$B".len() * MILLION);
    let error = Expander::new(&[("A", "xy")]).strict().expand(&input).unwrap_err();
    assert_eq!(error.unresolved().count(), MILLION);
}

#[test]
fn many_references_without_a_value_on_one_line_are_rendered() {
    let input = "$A".repeat(MILLION / 10);
    let none: [(&str, &str); 0] = [];
    let error = Expander::new(&none).strict().expand(&input).unwrap_err();
    assert_eq!(error.render(&input).to_string().lines().count(), 3 * MILLION / 10);
}

#[test]
fn names_of_a_mebibyte() {
    let name = "N".repeat(1 << 20);
    let vars = [(name.as_str(), "x")];
    for input in [format!("${name}"), format!("${{{name}}}"), format!("$<{name}>")] {
        assert_eq!(expand(&input, &vars), "x");
        assert_eq!(expand(&(input.clone() + "!"), &vars), "x!");
        // Nor does the process environment mind.
        let other: [(&str, &str); 0] = [];
        assert_eq!(expand(&input, &other), "");
        let error = Expander::new(&other).strict().expand(&input).unwrap_err();
        assert_eq!(error.name(), Some(name.as_str()));
    }
    let unclosed = format!("${{{name}");
    assert_eq!(expand(&unclosed, &vars), unclosed);
}

#[test]
fn a_hundred_mebibytes() {
    let mut input = "a line of text with nothing in it\n".repeat(3 << 20);
    assert!(input.len() > 100 << 20);
    let plain = expand(&input, &[("A", "x")]);
    assert!(matches!(plain, Cow::Borrowed(text) if std::ptr::eq(text, input.as_str())));
    input.push_str("$A");
    let result = expand(&input, &[("A", "x")]);
    assert_eq!(result.len(), input.len() - 1);
    assert!(result.ends_with("\nx"));
}

#[test]
fn values_that_are_empty_or_long() {
    let input = "$A".repeat(MILLION);
    assert_eq!(expand(&input, &[("A", "")]), "");
    let long = "x".repeat(1 << 20);
    assert_eq!(expand("$A$A", &[("A", &long)]).len(), 2 << 20);
}
