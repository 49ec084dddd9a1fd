//! Inputs of sizes and shapes that nobody writes by hand. None has a time limit; each would take hours if expansion
//! were not linear.

use std::borrow::Cow;

use envref::{Expander, Unset, expand, references, tokens};

const MILLION: usize = 1_000_000;

#[test]
fn a_million_near_misses() {
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
    let error = Expander::new(&[("A", "xy")]).on_unset(Unset::Reject).expand(&input).unwrap_err();
    assert_eq!(error.sites().len(), MILLION);
}

#[test]
fn many_references_without_a_value_on_one_line_are_rendered() {
    let input = "$A".repeat(MILLION / 10);
    let error = Expander::new(&()).on_unset(Unset::Reject).expand(&input).unwrap_err();
    assert_eq!(error.render(&input).to_string().lines().count(), 3 * MILLION / 10);
}

#[test]
fn near_misses_are_explained_in_linear_time() {
    // Where the braces pair, where they do not, where none closes, and where a line ends in between.
    for (piece, near_misses) in [
        ("${A:-", 1),
        ("${A:-b} ", 1),
        ("${A-{} ", 1),
        ("${{x}} ", 1),
        ("${\n", 1),
        ("${A-}\r\n{${\n", 2),
        ("$$", 0),
        ("${A}", 0),
    ] {
        let times = MILLION / 10;
        let explanation = Expander::new(&()).explain(&piece.repeat(times)).unwrap();
        let found = explanation.iter().filter(|site| site.name().is_empty()).count();
        assert_eq!(found, near_misses * times, "{piece:?}");
    }
    // One that holds all the rest, references included.
    let inside = format!("${{{}}}", "$A{}".repeat(MILLION / 10));
    let explanation = Expander::new(&()).explain(&inside).unwrap();
    assert_eq!(explanation[0].span(), 0..inside.len());
    assert_eq!(explanation.len(), 1 + MILLION / 10);
}

#[test]
fn names_of_a_mebibyte() {
    let name = "N".repeat(1 << 20);
    let vars = [(name.as_str(), "x")];
    for input in [format!("${name}"), format!("${{{name}}}"), format!("$<{name}>")] {
        assert_eq!(expand(&input, &vars), "x");
        assert_eq!(expand(&(input.clone() + "!"), &vars), "x!");
        // Nor does the process environment mind.
        assert_eq!(expand(&input, &()), "");
        let error = Expander::new(&()).on_unset(Unset::Reject).expand(&input).unwrap_err();
        assert_eq!(error.sites()[0].name(), name);
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
fn empty_and_long_values() {
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
    let mut json = serde_json::Deserializer::from_str(&text);
    let sites = envref::de::explain(&mut json, &Expander::new(&())).unwrap();
    assert_eq!(sites.len(), MILLION / 20);
    assert_eq!(sites[7].path(), Some(format!("{}…[7]", "k".repeat(64)).as_str()));

    let vars = [("A", "x")];
    for pattern in [format!("{key}[*]"), "**.k".to_owned()] {
        let paths = envref::Paths::new([&pattern]).unwrap();
        let mut json = serde_json::Deserializer::from_str(&text);
        let expander = Expander::new(&vars).paths(&paths);
        let value: serde_json::Value = envref::de::deserialize(&mut json, &expander).unwrap();
        assert_eq!(value[&key][9], if pattern == "**.k" { "$A" } else { "x" });
    }
}

#[cfg(feature = "yaml")]
#[test]
fn many_references_below_a_long_key_of_yaml() {
    use envref::{Paths, yaml};
    let (key, references) = long_key_and_many_references(", ");
    let text = format!("? {key}\n: [{references}]\n");
    let expander = Expander::new(&());
    let sites = yaml::explain(&text, &expander).unwrap();
    assert_eq!(sites.len(), MILLION / 20);
    assert_eq!(sites[7].path(), Some(format!("{}…[7]", "k".repeat(64)).as_str()));
    let error = yaml::expand(&text, &expander.on_unset(Unset::Reject)).unwrap_err();
    assert_eq!(error.sites().len(), MILLION / 20);
    let paths = Paths::new([format!("{key}[*]")]).unwrap();
    let vars = [("A", "x")];
    let result = yaml::expand(&text, &Expander::new(&vars).paths(&paths)).unwrap();
    assert_eq!(result.matches("\"x\"").count(), MILLION / 20);
}
