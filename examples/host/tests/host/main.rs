//! The requirements of the host, each with its test: real processes, real files, real signals. Nothing waits for time to
//! pass: FIFOs, lock files and numbers say when it is time.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod face;
mod fixture;
mod gate;
mod import;
mod messages;
mod secrets;
mod seeding;
mod shutdown;
mod tasks;
