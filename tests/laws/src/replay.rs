//! The inputs of the fuzzer, without the fuzzer.

use std::fs;
use std::path::Path;

/// Checks the laws of a fuzz target on its seeds, on what it once found, and on what it found just now.
pub fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let mut seeds = 0;
    for folder in ["seeds", "regressions", "artifacts"] {
        let Ok(files) = fs::read_dir(fuzz.join(folder).join(target)) else { continue };
        for file in files {
            let path = file.unwrap().path();
            // Shown if the test fails.
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
            seeds += usize::from(folder == "seeds");
        }
    }
    assert!(seeds > 0, "no seeds for {target}");
}
