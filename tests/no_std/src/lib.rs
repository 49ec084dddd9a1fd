//! Proves that `envref` without its default features needs no standard library. See `Cargo.toml`.

#![no_std]

extern crate alloc;

use alloc::collections::BTreeMap;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;
use envref::{Expander, Layers, Unset};

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Uses each part of the crate that is there without std.
pub fn expanded_length(input: &str) -> usize {
    let map = BTreeMap::from([("A", "x")]);
    let layers = Layers::new(&map).over([("B", "y")]);
    let expander = Expander::new(&layers).on_unset(Unset::Reject).output_limit(64);
    let explained = expander.explain(input).map_or(0, |sites| sites.len());
    expander.expand(input).map_or(0, |result| result.len()) + explained
}
