//! A complete service around `envref`: it imports organisations, seeds the directories of their workspaces, starts a
//! runtime in each, and restarts it when something changes. The README beside this package says what each file is.

pub mod agent;
pub mod api;
pub mod host;
mod runtime;
pub mod secret;
pub mod seed;
pub mod store;
pub mod tasks;
pub mod template;
pub mod workspace;
