//! What expansion allocates, counted. In a test binary of its own, because counting takes the global allocator.

use std::collections::{BTreeMap, HashMap};

use allocation_counter::measure;
use envref::{Expander, Unset, expand, references, tokens};

#[track_caller]
fn assert_no_allocation(what: impl FnOnce()) {
    assert_eq!(measure(what).count_total, 0);
}

#[test]
fn the_counter_counts() {
    assert_eq!(measure(|| drop(std::hint::black_box(Box::new(1)))).count_total, 1);
}

#[test]
fn nothing_to_do_allocates_nothing() {
    let vars = HashMap::from([("A".to_owned(), "x".to_owned())]);
    for input in ["", "plain", "$5 $$ ${", "${B} embedded $C"] {
        assert_no_allocation(|| assert_eq!(expand(input, &vars), input));
        let expander = Expander::new(&vars).output_limit(99);
        assert_no_allocation(|| assert_eq!(expander.expand(input).unwrap(), input));
    }
}

#[test]
fn a_whole_reference_to_a_map_entry_allocates_nothing() {
    let hash_map = HashMap::from([("A".to_owned(), "x".to_owned())]);
    let btree_map = BTreeMap::from([("A", "x")]);
    for input in ["$A", "${A}", "$<A>"] {
        assert_no_allocation(|| assert_eq!(expand(input, &hash_map), "x"));
        assert_no_allocation(|| assert_eq!(expand(input, &btree_map), "x"));
        let expander = Expander::new(&hash_map).on_unset(Unset::Reject);
        assert_no_allocation(|| assert_eq!(expander.expand(input).unwrap(), "x"));
    }
}

#[test]
fn an_unset_whole_reference_without_a_fallback_allocates_nothing() {
    let vars = [("A", "x")];
    let expander = Expander::new(&vars);
    assert_no_allocation(|| assert_eq!(expander.expand("${B}").unwrap(), ""));
    assert_no_allocation(|| assert_eq!(expander.on_unset(Unset::Empty).expand("${B}").unwrap(), ""));
    assert_no_allocation(|| assert_eq!(expander.on_unset(Unset::Keep).expand("${B}").unwrap(), "${B}"));
}

#[test]
fn a_replacement_that_is_no_longer_than_its_reference_allocates_once() {
    let vars = [("A", "four"), ("B", "")];
    let input = "a ${A} and ${A} and $B$B";
    assert_eq!(measure(|| drop(expand(input, &vars))).count_total, 1);
}

#[test]
fn the_first_replacement_makes_room_for_all_of_the_text() {
    let vars = [("A", "a value that is much longer than the reference to it")];
    for input in ["${A}/data", "before $A", "a $<A> in the midst and ${B} after it"] {
        assert_eq!(measure(|| drop(expand(input, &vars))).count_total, 1, "{input}");
    }
}

#[test]
fn the_first_allocation_is_value_text_and_a_quarter_of_it() {
    let value = "v".repeat(100);
    let vars = [("A", value.as_str())];
    let input = format!("$A {}", "x".repeat(397));
    let info = measure(|| drop(expand(&input, &vars)));
    assert_eq!((info.count_total, info.bytes_total), (1, 100 + 400 + 100));
}

#[test]
fn tokens_allocate_nothing() {
    let input = "a ${A} and $B and $5";
    assert_no_allocation(|| assert_eq!(tokens(input).count(), 5));
    assert_no_allocation(|| assert_eq!(references(input).count(), 2));
}

#[test]
fn an_explanation_allocates_only_for_its_sites() {
    let vars = [("A", "x".repeat(1 << 20))];
    let expander = Expander::new(&vars);
    assert_no_allocation(|| assert!(expander.explain("plain").unwrap().is_empty()));
    assert_no_allocation(|| assert!(expander.explain("$5 $$").unwrap().is_empty()));
    let count = |sites| {
        let text = "$A ${B:-c} ".repeat(sites / 2);
        let info = measure(|| assert_eq!(expander.explain(&text).unwrap().len(), sites));
        assert!(info.bytes_max < 1000 * sites as u64, "values are not kept");
        info.count_total
    };
    // Each has a name and a text; the list grows.
    assert!(count(200) <= 2 * 200 + 20);
    assert!(count(2000) <= 2 * 2000 + 30);
}

#[cfg(feature = "yaml")]
#[test]
fn no_more_values_are_taken_than_the_limit_has_room_for() {
    let vars = envref::from_fn(|name| (name == "A").then(|| "v".repeat(1 << 20)));
    let expander = Expander::new(&vars).output_limit(1 << 12);
    for stream in [format!("k: {}", "$A".repeat(500)), "- $A\n".repeat(500)] {
        let info = measure(|| {
            let error = envref::yaml::expand(&stream, &expander).unwrap_err();
            assert_eq!(error.kind(), envref::ErrorKind::OutputLimit);
        });
        // One, and the same once more to say where it comes from.
        assert!(info.bytes_max < 3 << 20, "{info:?}");
    }
}

/// Reads JSON of some depth as borrowed text, with the paths that are given, and counts.
#[cfg(feature = "serde")]
fn allocations_of_reading(text: &str, paths: Option<&envref::Paths>) -> u64 {
    type Document<'a> = [([(&'a str, u16); 2], &'a str); 2];
    let vars = [("A", "x")];
    let mut expander = Expander::new(&vars);
    if let Some(paths) = paths {
        expander = expander.paths(paths);
    }
    let info = measure(|| {
        let mut json = serde_json::Deserializer::from_str(text);
        let reader = envref::de::Deserializer::new(&mut json, &expander);
        assert!(std::hint::black_box(reader.deserialize::<Document<'_>>()).is_ok());
    });
    info.count_total
}

#[cfg(feature = "serde")]
#[test]
fn reading_a_document_without_references_allocates_nothing() {
    let text = r#"[[[["a", 1], ["$5", 2]], "c"], [[["$", 3], ["e", 4]], "${"]]"#;
    let paths = envref::Paths::new(["[*][0].**", "**.key"]).unwrap();
    assert_eq!(allocations_of_reading(text, None), 0);
    assert_eq!(allocations_of_reading(text, Some(&paths)), 0);
}

#[cfg(feature = "serde")]
#[test]
fn references_at_places_that_are_not_selected_share_one_path() {
    let paths = envref::Paths::new(["key"]).unwrap();
    let count = |text| allocations_of_reading(text, Some(&paths));
    let one = count(r#"[[[["$A", 1], ["b", 2]], "c"], [[["d", 3], ["e", 4]], "f"]]"#);
    assert_eq!(count(r#"[[[["$A", 1], ["b", 2]], "$C"], [[["d", 3], ["e", 4]], "f"]]"#), one);
    // Each sequence that has not been on the way yet takes one more.
    let all = count(r#"[[[["$A", 1], ["$B", 2]], "$C"], [[["$D", 3], ["$E", 4]], "$F"]]"#);
    assert_eq!(all, one + 3);
}

/// Returns JSON with references in an array that is below 100 keys of 250 bytes each, one in the other.
#[cfg(feature = "serde")]
fn below_a_long_path(references: usize) -> String {
    let key = "k".repeat(250);
    let before = format!(r#"{{"{key}": "#).repeat(100);
    format!("{before}[{}\"\"]{}", r#""$A", "#.repeat(references), "}".repeat(100))
}

/// Checks that another reference below a long path takes room for the path as it is shown, and not as it is.
#[cfg(feature = "serde")]
#[track_caller]
fn assert_paths_cost_what_they_show(
    read: impl Fn(&mut serde_json::Deserializer<serde_json::de::StrRead<'_>>),
) {
    let bytes = |references| {
        let text = below_a_long_path(references);
        measure(|| read(&mut serde_json::Deserializer::from_str(&text))).bytes_total
    };
    let of_each = (bytes(2000) - bytes(1000)) / 1000;
    // The list grows by doubling, and a site keeps a name and a text, too.
    assert!(of_each < 5000, "{of_each} bytes for each reference, below a path of 25,000");
}

#[cfg(feature = "serde")]
#[test]
fn references_below_a_long_path_cost_what_is_shown_of_it() {
    use envref::{Paths, de};

    let vars = [("A", "x")];
    let expander = Expander::new(&vars);
    let none = Paths::new(["x"]).unwrap();
    let some = Paths::new(["**", "!**.prompt", "*.*.*.**"]).unwrap();
    for expander in [expander, expander.paths(&some), expander.paths(&none)] {
        assert_paths_cost_what_they_show(|json| drop(de::explain(json, &expander).unwrap()));
        assert_paths_cost_what_they_show(|json| {
            de::deserialize::<_, serde_json::Value, _, _>(json, &expander).unwrap();
        });
        #[cfg(feature = "origins")]
        assert_paths_cost_what_they_show(|json| {
            let adapter = de::Deserializer::new(json, &expander);
            drop(adapter.deserialize_with_origins::<serde_json::Value>().unwrap());
        });
    }
}
