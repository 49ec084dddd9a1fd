//! When a result borrows, by pointer.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use envref::{Expander, Layers, Lookup, Unset, expand, from_fn};

#[track_caller]
fn assert_borrowed_from<'a>(result: impl Into<Cow<'a, str>>, owner: &str) {
    let Cow::Borrowed(text) = result.into() else { panic!("owned") };
    assert!(std::ptr::eq(text, owner), "borrowed from elsewhere");
}

#[test]
fn nothing_replaced_borrows_the_input() {
    let vars = [("A", "x")];
    for input in ["", "plain", "$$ $5 ${1} ${A", "$B/${C} $<D>"] {
        assert_borrowed_from(expand(input, &vars), input);
        for unset in [Unset::Default, Unset::Keep] {
            assert_borrowed_from(Expander::new(&vars).on_unset(unset).expand(input).unwrap(), input);
        }
    }
    assert_borrowed_from(Expander::new(&vars).on_unset(Unset::Keep).expand("${B}").unwrap(), "${B}");
}

#[test]
fn a_whole_reference_borrows_the_variables() {
    let value = "the value";
    let hash_map = HashMap::from([("A".to_owned(), value.to_owned())]);
    let btree_map = BTreeMap::from([("A", Box::<str>::from(value))]);
    let array = [("A", String::from(value))];
    let vector = Vec::from([(String::from("A"), value)]);

    assert_borrowed_from(expand("${A}", &hash_map), &hash_map["A"]);
    assert_borrowed_from(expand("${A}", &btree_map), &btree_map["A"]);
    assert_borrowed_from(expand("${A}", &array), &array[0].1);
    assert_borrowed_from(expand("${A}", &array[..]), &array[0].1);
    assert_borrowed_from(expand("${A}", &vector), value);

    let layers = Layers::new([("B", "b")]).over(&hash_map);
    assert_borrowed_from(expand("${A}", &layers), &hash_map["A"]);

    let result = Expander::new(&array[..]).expand("$<A>").unwrap();
    assert_borrowed_from(result, &array[0].1);
}

#[test]
fn a_whole_reference_borrows_through_closures_and_pointers() {
    let map = HashMap::from([("A".to_owned(), "the value".to_owned())]);
    let owner = map["A"].as_str();
    assert_borrowed_from(expand("${A}", &from_fn(|name| map.get(name))), owner);
    assert_borrowed_from(expand("${A}", &&map), owner);
    assert_borrowed_from(expand("${A}", &Some(&map)), owner);
    assert_borrowed_from(expand("${A}", &Box::new(&map)), owner);
    assert_borrowed_from(expand("${A}", &(Rc::new(&map) as Rc<dyn Lookup>)), owner);
    assert_borrowed_from(expand("${A}", &Layers::new(()).over(Arc::new(&map))), owner);
    assert_borrowed_from(expand("${A}", &map as &dyn Lookup), owner);
}

#[test]
fn a_whole_reference_borrows_the_fallback() {
    let host = [("A", "host")];
    let result = Expander::new(&()).fallback(&host).expand("$A").unwrap();
    assert_borrowed_from(result, host[0].1);
}

#[test]
fn the_result_outlives_the_expander_and_borrows_from_either_side() {
    fn first<'a>(vars: &'a dyn Lookup, input: &'a str) -> Cow<'a, str> {
        let expander = Expander::new(vars);
        expander.expand(input).unwrap()
    }
    assert_eq!(first(&[("A", "x")], "$A"), "x");
}

#[test]
fn an_embedded_replacement_is_owned() {
    assert!(matches!(expand("-$A", &[("A", "x")]), Cow::Owned(text) if text == "-x"));
}
