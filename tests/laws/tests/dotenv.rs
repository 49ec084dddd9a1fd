//! The laws of `dotenv`, as property tests; and the inputs of the fuzzer, without the fuzzer.

use arbitrary::Arbitrary as _;
use arbtest::arbtest;
use envref_laws::dotenv::{self, File};
use envref_laws::replay::replay;

#[test]
fn what_is_written_is_read() {
    arbtest(|u| {
        dotenv::what_is_written_is_read(&File::arbitrary(u)?);
        Ok(())
    });
}

#[test]
fn errors_have_a_line_and_nothing_of_it() {
    arbtest(|u| {
        let mut text = String::new();
        for _ in 0..u.int_in_range(0..=12)? {
            text.push_str(u.choose(&[
                "A", "=", "'", "\"", "\\", "\\n", "#", " ", "\n", "\r\n", "\r", "export", "s3cret", "$",
            ])?);
        }
        dotenv::errors_have_a_line_and_nothing_of_it(&text);
        Ok(())
    });
}

#[test]
fn files_of_the_fuzz_target_dotenv() {
    replay("dotenv", dotenv::check);
}
