//! Benchmarks of `envref`: see `benches/`.
