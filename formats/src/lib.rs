//! Tests of `envref` with the formats it is used with: see `tests/`.
