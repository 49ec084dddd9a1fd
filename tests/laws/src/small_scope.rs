//! Every text up to some length, over an alphabet that covers the grammar: where fuzzing samples, this is a proof.

use std::borrow::Cow;
use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

use crate::case::{Case, Owner, Vars};
use crate::{expand, tokens};

/// What the grammar tells apart: a `$`, both pairs of brackets, a letter, a digit, an underscore; and of what it does not,
/// a character of ASCII, one of two bytes, and the end of a line, where a near miss ends.
pub const ALPHABET: [char; 11] = ['$', '{', '}', '<', '>', 'A', '1', '_', '-', 'é', '\n'];

/// Checks the laws of the language on each text of at most `len` characters of [`ALPHABET`], on all processors. Returns
/// how many texts there are.
pub fn check(len: usize) -> u64 {
    let starts = Mutex::new(starts(len));
    let next = || starts.lock().ok()?.pop();
    thread::scope(|scope| {
        let work = || {
            let mut checked = 0;
            while let Some((mut text, left)) = next() {
                checked += visit(&mut text, left, &check_text);
            }
            checked
        };
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("the laws hold")).sum()
    })
}

/// Returns texts with how many characters are to be put behind them in every way: together, all texts.
fn starts(len: usize) -> Vec<(String, usize)> {
    let mut starts = vec![(String::new(), 0)];
    let Some(left) = len.checked_sub(1) else { return starts };
    for first in ALPHABET {
        starts.push((first.to_string(), 0));
        if let Some(left) = left.checked_sub(1) {
            starts.extend(ALPHABET.map(|second| (String::from_iter([first, second]), left)));
        }
    }
    starts
}

/// Visits each text that begins with `text` and has at most `left` characters more. Returns how many there are.
fn visit(text: &mut String, left: usize, check: &impl Fn(&str)) -> u64 {
    check(text);
    let Some(left) = left.checked_sub(1) else { return 1 };
    let len = text.len();
    let longer = ALPHABET.map(|next| {
        text.push(next);
        let visited = visit(text, left, check);
        text.truncate(len);
        visited
    });
    1 + longer.iter().sum::<u64>()
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
