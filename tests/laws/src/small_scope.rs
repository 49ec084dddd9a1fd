//! Every text up to some length, over an alphabet that covers the grammar: where fuzzing samples, this is a proof.

use std::borrow::Cow;
use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

use crate::case::{Case, Owner, Vars};
use crate::{compose, expand, tokens};

/// What the grammar tells apart: a `$`, both pairs of brackets, a letter, a digit, an underscore; and of what it does not,
/// a character of ASCII, one of two bytes, and the end of a line, where a near miss ends.
pub const ALPHABET: [char; 11] = ['$', '{', '}', '<', '>', 'A', '1', '_', '-', 'é', '\n'];

/// Checks the laws of the language on each text of at most `len` characters of [`ALPHABET`], on all processors. Returns
/// how many texts there are.
pub fn check(len: usize) -> u64 {
    check_all(&ALPHABET.map(String::from), len, check_text)
}

/// What the grammar of the Compose dialect tells apart. Operators are whole, so that a text of few parts has words in words;
/// of the six, the oracle knows the others by its table.
const COMPOSE_PARTS: [&str; 9] = ["$", "{", "}", "${A", "${_", ":-", "?", "+", "1"];

/// Checks the laws of the Compose dialect on each text of at most `len` of its parts, and returns how many there are.
pub fn check_compose(len: usize) -> u64 {
    check_all(&COMPOSE_PARTS.map(String::from), len, check_compose_text)
}

/// Checks each text of at most `len` parts.
fn check_all(parts: &[String], len: usize, check: fn(&str)) -> u64 {
    let starts = Mutex::new(starts(parts, len));
    let next = || starts.lock().ok()?.pop();
    thread::scope(|scope| {
        let work = || {
            let mut checked = 0;
            while let Some((mut text, left)) = next() {
                checked += visit(&mut text, left, parts, check);
            }
            checked
        };
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("the laws hold")).sum()
    })
}

/// Returns texts with how many characters are to be put behind them in every way: together, all texts.
fn starts(parts: &[String], len: usize) -> Vec<(String, usize)> {
    let mut starts = vec![(String::new(), 0)];
    let Some(left) = len.checked_sub(1) else { return starts };
    for first in parts {
        starts.push((first.clone(), 0));
        if let Some(left) = left.checked_sub(1) {
            starts.extend(parts.iter().map(|second| (format!("{first}{second}"), left)));
        }
    }
    starts
}

/// Visits each text that begins with `text` and has at most `left` parts more. Returns how many there are.
fn visit(text: &mut String, left: usize, parts: &[String], check: fn(&str)) -> u64 {
    check(text);
    let Some(left) = left.checked_sub(1) else { return 1 };
    let len = text.len();
    let longer = parts.iter().map(|next| {
        text.push_str(next);
        let visited = visit(text, left, parts, check);
        text.truncate(len);
        visited
    });
    1 + longer.sum::<u64>()
}

/// Checks the laws with values for some of the names that the alphabet makes, and without.
fn check_text(text: &str) {
    tokens::tokens_tile_the_text(text);
    tokens::references_are_those_of_the_oracle(text);
    let text = Cow::Borrowed(text);
    let [some, none] = [*b"100030", *b"000000"].map(|selection| Vars::new(Owner::Caller, selection));
    let host = Vars::new(Owner::Host, *b"100300");
    for (vars, host) in [(some, host), (none, host), (none, none)] {
        expand::expansion_is_that_of_the_oracle(&Case { vars, host, text: text.clone() });
    }
    expand::explanations_have_every_reference_and_near_miss(&Case { vars: some, host, text });
}

/// Checks the laws with `A` set, empty and unset, and `_` set.
fn check_compose_text(text: &str) {
    for selection in [*b"100300", *b"200000"] {
        let (vars, host) = (Vars::new(Owner::Caller, selection), Vars::new(Owner::Host, *b"100000"));
        let case = Case { vars, host, text: Cow::Borrowed(text) };
        compose::tokens_and_references_are_those_of_the_oracle(&case);
        compose::whether_a_text_is_malformed_does_not_depend_on_variables(&case);
        compose::expansion_is_that_of_the_oracle(&case);
        compose::what_is_contiguous_is_borrowed(&case);
    }
    let (vars, host) = (Vars::new(Owner::Caller, *b"000000"), Vars::new(Owner::Host, *b"100100"));
    compose::expansion_is_that_of_the_oracle(&Case { vars, host, text: Cow::Borrowed(text) });
}
