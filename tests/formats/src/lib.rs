//! Tests of the serde adapter with the formats that it is used with.

#![cfg(any(test, doctest))]

/// The recipes, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/formats.md")]
struct Recipes;

#[cfg(test)]
mod buffers;
#[cfg(test)]
mod coercion;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod extensions;
#[cfg(test)]
mod format;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod misfits;
#[cfg(test)]
mod nesting;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod support;
#[cfg(test)]
mod table;
#[cfg(test)]
mod types;
