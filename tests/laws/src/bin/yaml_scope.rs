//! Checks the law of YAML text on every short stream and every short value, on each kind of scalar at each kind of place, and
//! on the files below the directory that `ENVREF_CORPUS` names, if it names one.
//!
//! The argument is how many pieces a stream may have: 4, if there is none. Five take many minutes.

use std::thread;

use envref_laws::{yaml_files, yaml_scope};

fn main() {
    let pieces = std::env::args().nth(1).and_then(|argument| argument.parse().ok()).unwrap_or(4);
    thread::scope(|scope| {
        scope.spawn(move || {
            println!("{} times: a stream of at most {pieces} pieces", yaml_scope::short_streams(pieces));
        });
        scope.spawn(|| {
            println!("{} times: a value of at most 3 characters", yaml_scope::short_values(3));
            println!("{} times: a kind of scalar at a kind of place", yaml_scope::scalars_at_places(30));
            match std::env::var_os("ENVREF_CORPUS") {
                Some(dir) => println!("{}", yaml_files::check(&dir, 8)),
                None => println!("skipped: files that people wrote, since ENVREF_CORPUS names no directory"),
            }
        });
    });
}
