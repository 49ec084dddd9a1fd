//! What holds for every input, as property tests; and the inputs of the fuzzer, without the fuzzer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use arbitrary::Arbitrary;
use arbtest::arbtest;
use envref_laws::replay::replay;
use envref_laws::{case, expand, small_scope, tokens, trust};

/// Checks a law about texts.
fn holds_for_texts(law: fn(&str)) {
    arbtest(|u| {
        law(&case::text(u)?);
        Ok(())
    });
}

/// Checks a law about cases.
fn holds_for_cases(law: fn(&case::Case<'_>)) {
    arbtest(|u| {
        law(&case::Case::arbitrary(u)?);
        Ok(())
    });
}

/// Checks a law about cases under some setting.
fn holds_under_every_setting(law: fn(&trust::Guarded<'_>)) {
    arbtest(|u| {
        law(&trust::Guarded::arbitrary(u)?);
        Ok(())
    });
}

#[test]
fn tokens_tile_the_text() {
    holds_for_texts(tokens::tokens_tile_the_text);
}

#[test]
fn references_are_those_of_the_oracle() {
    holds_for_texts(tokens::references_are_those_of_the_oracle);
}

#[test]
fn references_are_written_in_their_form() {
    holds_for_texts(tokens::references_are_written_in_their_form);
}

#[test]
fn expansion_is_that_of_the_oracle() {
    holds_for_cases(expand::expansion_is_that_of_the_oracle);
}

#[test]
fn pieces_expand_to_their_answers() {
    arbtest(|u| {
        expand::pieces_expand_to_their_answers(&expand::Pieces::arbitrary(u)?);
        Ok(())
    });
}

#[test]
fn the_free_function_is_an_expander_with_the_process_environment() {
    holds_for_cases(expand::the_free_function_is_an_expander_with_the_process_environment);
}

#[test]
fn results_borrow_where_they_can() {
    holds_for_cases(expand::results_borrow_where_they_can);
}

#[test]
fn an_error_names_every_reference_without_a_value() {
    holds_for_cases(expand::an_error_names_every_reference_without_a_value);
}

#[test]
fn explanations_have_every_reference_and_near_miss() {
    holds_for_cases(expand::explanations_have_every_reference_and_near_miss);
}

#[test]
fn the_output_limit_is_exact() {
    holds_for_cases(expand::the_output_limit_is_exact);
}

#[test]
fn the_laws_hold_for_every_text_of_at_most_five_characters() {
    // 11⁰ + 11¹ + … + 11⁵
    assert_eq!(small_scope::check(5), 177_156);
}

#[test]
fn a_secret_shows_only_where_a_reference_to_it_is_the_whole_text() {
    holds_under_every_setting(trust::a_secret_shows_only_where_a_reference_to_it_is_the_whole_text);
}

#[test]
fn without_a_fallback_the_process_is_out_of_reach() {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "in_a_process_that_has_every_variable", "--ignored", "--quiet"])
        .envs(trust::PROCESS)
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn in_a_process_that_has_every_variable() {
    holds_under_every_setting(trust::without_a_fallback_the_process_is_out_of_reach);
}

#[test]
fn no_value_shows_in_errors_or_debug_output() {
    holds_under_every_setting(trust::no_value_shows_in_errors_or_debug_output);
}

#[test]
fn a_rendering_does_nothing_to_a_terminal() {
    holds_under_every_setting(trust::a_rendering_does_nothing_to_a_terminal);
}

#[test]
fn files_of_the_fuzz_target_tokens() {
    replay("tokens", tokens::check);
}

#[test]
fn files_of_the_fuzz_target_expand() {
    replay("expand", expand::check);
}

#[test]
fn files_of_the_fuzz_target_trust() {
    replay("trust", trust::check);
}
