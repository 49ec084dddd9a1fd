//! Tests of `envref` with the formats that it is used with: see `tests/`.
