//! The names of variants, which are values or keys.

use envref::{Expander, Paths, Unset, de};

use crate::types::{Content, Open};
use crate::{SECRET, assert_starts_with, check, check_error, expander, read_by};

const REFUSED: &str = "the key $KIND names a variant at [0], and keys are not expanded";

#[test]
fn the_name_of_a_variant_is_expanded_if_it_is_a_value() {
    check(r#"["$KIND", "$UNSET", "x$UNSET"]"#, [Open::Mail, Open::Other, Open::Other]);
    check(r#"["$KIND"]"#, [Content::Mail]);
    // Which of the two a name without content is, the format does not say.
    check(r#"[{"$KIND": null}]"#, [Content::Mail]);
}

#[test]
fn the_name_of_a_variant_is_refused_if_it_is_a_key_with_a_reference() {
    check_error::<[Content; 1]>(r#"[{"$KIND": 1}]"#, REFUSED);
    check_error::<[Open; 1]>(r#"[{"$KIND": {}}]"#, REFUSED);
    check_error::<[Content; 1]>(r#"[{"$KIND": [1}]"#, REFUSED);
    check_error::<[Open; 1]>(
        r#"[{"$SECRET": 1}]"#,
        "the key $SECRET names a variant at [0], and keys are not expanded",
    );

    let mut json = serde_json::Deserializer::from_str(r#"[{"$SECRET": 1}]"#);
    let rules = expander();
    let adapter = de::Deserializer::new(&mut json, &rules);
    let error = serde_path_to_error::deserialize::<_, [Open; 1]>(adapter).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
}

#[test]
fn a_reference_cannot_name_a_variant_with_content() {
    for (kind, content) in [("New", "newtype"), ("Pair", "tuple"), ("Full", "struct")] {
        let vars = [("KIND", kind)];
        let result = read_by::<[Content; 1]>(r#"["$KIND"]"#, &Expander::new(&vars));
        assert_starts_with(result, &format!("invalid type: unit variant, expected {content} variant"));
    }
}

#[test]
fn the_name_of_a_variant_is_expanded_by_the_rules_of_the_expander() {
    let result = read_by::<[Open; 1]>(r#"["$UNSET"]"#, &expander().on_unset(Unset::Reject));
    assert_starts_with(result, "unresolved reference $UNSET at [0]: unset");

    let paths = Paths::new(["x"]).unwrap();
    let unselected = read_by::<[Open; 2]>(r#"["$KIND", {"$KIND": null}]"#, &expander().paths(&paths));
    assert_eq!(unselected.unwrap(), [Open::Other, Open::Other]);
}
