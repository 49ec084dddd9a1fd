//! The laws of the Compose dialect, as property tests, as a proof for short texts, and on the files of the fuzzer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use arbtest::arbtest;
use envref_laws::case::Case;
use envref_laws::replay::replay;
use envref_laws::{compose, small_scope};

fn holds(law: fn(&Case<'_>)) {
    arbtest(|u| {
        law(&compose::case(u)?);
        Ok(())
    });
}

#[test]
fn tokens_and_references_are_those_of_the_oracle() {
    holds(compose::tokens_and_references_are_those_of_the_oracle);
}

#[test]
fn a_text_with_every_dollar_doubled_expands_to_the_text() {
    holds(compose::a_text_with_every_dollar_doubled_expands_to_the_text);
}

#[test]
fn whether_a_text_is_malformed_does_not_depend_on_variables() {
    holds(compose::whether_a_text_is_malformed_does_not_depend_on_variables);
}

#[test]
fn a_secret_shows_only_as_the_value_of_the_outermost_whole_reference() {
    holds(compose::a_secret_shows_only_as_the_value_of_the_outermost_whole_reference);
}

#[test]
fn expansion_is_that_of_the_oracle() {
    holds(compose::expansion_is_that_of_the_oracle);
}

#[test]
fn what_both_dialects_read_alike_expands_alike() {
    holds(compose::what_both_dialects_read_alike_expands_alike);
}

#[test]
fn the_output_limit_is_exact() {
    holds(compose::the_output_limit_is_exact);
}

#[test]
fn what_is_contiguous_is_borrowed() {
    holds(compose::what_is_contiguous_is_borrowed);
}

#[test]
fn no_value_shows_in_errors_or_debug_output() {
    holds(compose::no_value_shows_in_errors_or_debug_output);
}

#[test]
fn the_laws_hold_for_every_text_of_at_most_five_parts() {
    // 9⁰ + 9¹ + … + 9⁵
    assert_eq!(small_scope::check_compose(5), 66_430);
}

#[test]
fn files_of_the_fuzz_target_compose() {
    replay("compose", compose::check);
}
