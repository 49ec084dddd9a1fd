//! What expansion allocates, counted. In a test binary of its own, because counting takes the global allocator.

use std::collections::{BTreeMap, HashMap};

use allocation_counter::measure;
use envref::{Expander, expand, references, tokens};

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
        assert_no_allocation(|| assert_eq!(Expander::new(&hash_map).strict().expand(input).unwrap(), "x"));
    }
}

#[test]
fn an_unset_whole_reference_without_a_fallback_allocates_nothing() {
    let vars = [("A", "x")];
    assert_no_allocation(|| assert_eq!(Expander::new(&vars).no_fallback().expand("${B}").unwrap(), ""));
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
fn the_room_is_that_of_the_value_and_of_the_text_and_a_quarter_of_it() {
    let value = "v".repeat(100);
    let vars = [("A", value.as_str())];
    let input = format!("$A {}", "x".repeat(397));
    let info = measure(|| drop(expand(&input, &vars)));
    assert_eq!((info.count_total, info.bytes_total), (1, 100 + 400 + 100));
}

#[test]
fn tokens_and_explanations_allocate_nothing() {
    let vars = [("A", "x")];
    let input = "a ${A} and $B and $5";
    assert_no_allocation(|| assert_eq!(tokens(input).count(), 5));
    assert_no_allocation(|| assert_eq!(references(input).count(), 2));
    assert_no_allocation(|| assert_eq!(Expander::new(&vars).explain(input).count(), 2));
}

#[cfg(feature = "yaml")]
#[test]
fn no_more_values_are_taken_than_the_limit_has_room_for() {
    let vars = |name: &str| (name == "A").then(|| "v".repeat(1 << 20));
    let expander = Expander::new(&vars).output_limit(1 << 12);
    for stream in [format!("k: {}", "$A".repeat(500)), "- $A\n".repeat(500)] {
        let info = measure(|| {
            let error = envref::yaml::expand(&stream, &expander, &envref::Paths::all()).unwrap_err();
            assert_eq!(error.kind(), envref::yaml::ErrorKind::OutputLimit);
        });
        assert!(info.bytes_max < 2 << 20, "{info:?}");
    }
}

/// Reads JSON of some depth as borrowed text, with the paths that are given, and counts.
#[cfg(feature = "serde")]
fn allocations_of_reading(text: &str, paths: Option<&envref::Paths>) -> u64 {
    type Document<'a> = [([(&'a str, u16); 2], &'a str); 2];
    let vars = [("A", "x")];
    let expander = Expander::new(&vars);
    let info = measure(|| {
        let mut json = serde_json::Deserializer::from_str(text);
        let mut reader = envref::de::Deserializer::new(&mut json, &expander);
        if let Some(paths) = paths {
            reader = reader.paths(paths);
        }
        assert!(std::hint::black_box(reader.deserialize::<Document<'_>>()).is_ok());
    });
    info.count_total
}

#[cfg(feature = "serde")]
#[test]
fn reading_a_document_without_references_allocates_nothing_whether_paths_are_chosen_or_not() {
    let text = r#"[[[["a", 1], ["$5", 2]], "c"], [[["$", 3], ["e", 4]], "${"]]"#;
    let paths = envref::Paths::new(["[*][0].**", "**.key"]).unwrap();
    assert_eq!(allocations_of_reading(text, None), 0);
    assert_eq!(allocations_of_reading(text, Some(&paths)), 0);
}

#[cfg(feature = "serde")]
#[test]
fn references_at_places_that_are_not_chosen_share_one_path() {
    let text = r#"[[[["$A", 1], ["$B", 2]], "$C"], [[["$D", 3], ["$E", 4]], "$F"]]"#;
    let paths = envref::Paths::new(["key"]).unwrap();
    assert!(allocations_of_reading(text, Some(&paths)) <= 2);
}
