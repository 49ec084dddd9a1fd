//! What holds for every input, as property tests; and the inputs of the fuzzer, without the fuzzer.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "laws/mod.rs"]
mod laws;
#[path = "laws/replay.rs"]
mod replay;

use arbitrary::Arbitrary;
use arbtest::arbtest;

use laws::{case, expand, tokens, trust};
use replay::replay;

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
fn the_free_function_is_the_default_expander() {
    holds_for_cases(expand::the_free_function_is_the_default_expander);
}

#[test]
fn results_borrow_where_they_can() {
    holds_for_cases(expand::results_borrow_where_they_can);
}

#[test]
fn strict_agrees_or_names_every_unset_reference() {
    holds_for_cases(expand::strict_agrees_or_names_every_unset_reference);
}

#[test]
fn explanations_cover_every_reference_and_name_the_source() {
    holds_for_cases(expand::explanations_cover_every_reference_and_name_the_source);
}

#[test]
fn the_output_limit_is_the_length_at_which_expansion_fails() {
    holds_for_cases(expand::the_output_limit_is_the_length_at_which_expansion_fails);
}

#[test]
fn a_secret_shows_only_where_a_reference_to_it_is_the_whole_text() {
    holds_under_every_setting(trust::a_secret_shows_only_where_a_reference_to_it_is_the_whole_text);
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
