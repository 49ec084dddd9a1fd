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

/// As much key as there are references below it.
#[cfg(any(feature = "serde", feature = "yaml"))]
fn long_key_and_many_references(separator: &str) -> (String, String) {
    ("k".repeat(MILLION / 2), vec!["\"$A\""; MILLION / 20].join(separator))
}

#[cfg(feature = "serde")]
#[test]
fn many_references_below_a_long_key_of_json() {
    let (key, references) = long_key_and_many_references(",");
    let text = format!("{{\"{key}\":[{references}]}}");
    let expander = Expander::new(&[("B", "x")]).no_fallback();
    let mut json = serde_json::Deserializer::from_str(&text);
    let unresolved = envref::de::unresolved(&mut json, &expander, &envref::Paths::all()).unwrap();
    assert_eq!(unresolved.len(), MILLION / 20);
    assert_eq!(unresolved[7].path(), format!("{}…[7]", "k".repeat(64)));

    let expander = Expander::new(&[("A", "x")]);
    for pattern in [format!("{key}[*]"), "**.k".to_owned()] {
        let paths = envref::Paths::new([&pattern]).unwrap();
        let mut json = serde_json::Deserializer::from_str(&text);
        let reader = envref::de::Deserializer::new(&mut json, &expander).paths(&paths);
        let value: serde_json::Value = reader.deserialize().unwrap();
        assert_eq!(value[&key][9], if pattern == "**.k" { "$A" } else { "x" });
    }
}

#[cfg(feature = "yaml")]
#[test]
fn many_references_below_a_long_key_of_yaml() {
    use envref::{Paths, yaml};
    let (key, references) = long_key_and_many_references(", ");
    let text = format!("? {key}\n: [{references}]\n");
    let expander = Expander::new(&[("B", "x")]).no_fallback();
    let sites = yaml::references(&text, &Paths::all()).unwrap();
    assert_eq!(sites.len(), MILLION / 20);
    assert_eq!(sites[7].path(), format!("{}…[7]", "k".repeat(64)));
    assert_eq!(yaml::unresolved(&text, &expander, &Paths::all()).unwrap().len(), MILLION / 20);
    let error = yaml::expand(&text, &expander.strict(), &Paths::all()).unwrap_err();
    assert_eq!(error.unresolved().count(), MILLION / 20);
    let paths = Paths::new([format!("{key}[*]")]).unwrap();
    let result = yaml::expand(&text, &Expander::new(&[("A", "x")]), &paths).unwrap();
    assert_eq!(result.matches("\"x\"").count(), MILLION / 20);
}
