//! Expansion beside the floor and the rivals.

use criterion::{Criterion, criterion_group, criterion_main};

fn never(c: &mut Criterion) {
    let text = "a line of text with nothing in it\n".repeat(2048);
    c.bench_function("never/64k", |b| b.iter(|| envref::expand(&text, &[("A", "x")]).len()));
}

criterion_group!(benches, never);
criterion_main!(benches);
