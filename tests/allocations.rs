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
fn tokens_and_explanations_allocate_nothing() {
    let vars = [("A", "x")];
    let input = "a ${A} and $B and $5";
    assert_no_allocation(|| assert_eq!(tokens(input).count(), 5));
    assert_no_allocation(|| assert_eq!(references(input).count(), 2));
    assert_no_allocation(|| assert_eq!(Expander::new(&vars).explain(input).count(), 2));
}
