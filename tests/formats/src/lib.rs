//! Tests of the serde adapter with the formats that it is used with.

#![cfg(test)]

mod coercion;
mod errors;
mod extensions;
mod format;
mod identity;

mod nesting;
mod plain;
mod support;
mod table;
mod types;
