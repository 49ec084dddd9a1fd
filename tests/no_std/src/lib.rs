//! Proves that `envref` without its default features needs no standard library. See `Cargo.toml`.

#![no_std]

extern crate alloc;

use alloc::collections::BTreeMap;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;
use envref::{Expander, Layers};

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Uses each part of the crate that is there without std.
pub fn expanded_length(input: &str) -> usize {
    let map = BTreeMap::from([("A", "x")]);
    let layers = Layers::new(&map).over(&[("B", "y")]);
    let strict = Expander::new(&layers).strict().output_limit(64);
    strict.expand(input).map_or(0, |result| result.len()) + envref::expand(input, &map).len()
}
