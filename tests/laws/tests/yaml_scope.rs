//! The law of YAML text in a scope that a test build can bear. `cargo run --release --package envref-laws --bin yaml_scope` goes further.

use envref_laws::{yaml_files, yaml_scope};

#[test]
fn the_law_holds_for_every_short_stream() {
    assert!(yaml_scope::short_streams(3) > 10_000);
}

#[test]
fn the_law_holds_for_every_short_value() {
    assert!(yaml_scope::short_values(2) > 10_000);
}

#[test]
fn the_law_holds_for_every_kind_of_scalar_at_every_kind_of_place() {
    assert!(yaml_scope::scalars_at_places(1) > 10_000);
}

#[test]
fn the_law_holds_for_files_that_people_wrote() {
    match std::env::var_os("ENVREF_CORPUS") {
        Some(dir) => println!("{}", yaml_files::check(&dir, 1)),
        None => println!("skipped: ENVREF_CORPUS names no directory of YAML files"),
    }
}
