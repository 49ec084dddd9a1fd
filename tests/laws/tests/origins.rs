//! The laws of saving without secrets, as property tests; and the inputs of the fuzzer, without the fuzzer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use arbitrary::Unstructured;
use arbtest::arbtest;
use envref_laws::{origins, replay};

#[test]
fn all_laws_hold() {
    arbtest(|u| origins::all_hold(u).map(drop));
}

/// Counts edits instead of time: `ENVREF_EDITS=1000000 cargo test --release -p envref-laws --test origins`.
#[test]
fn no_secret_shows_after_many_edits() {
    let wanted = std::env::var("ENVREF_EDITS").map_or(500, |count| count.parse().unwrap());
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut edits = 0;
    while edits < wanted {
        let mut bytes = [0; 1024];
        for chunk in bytes.chunks_mut(8) {
            // xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.copy_from_slice(&state.to_le_bytes());
        }
        edits += origins::all_hold(&mut Unstructured::new(&bytes)).unwrap();
    }
    println!("{edits} edits");
}

#[test]
fn files_of_the_fuzz_target_origins() {
    replay::replay("origins", origins::check);
}
