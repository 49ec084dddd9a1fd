//! Expands references to environment variables (`$VAR`, `${VAR}`, `$<VAR>`) in configuration that somebody else wrote,
//! without handing them the host's environment.
//!
//! ```
//! use std::collections::HashMap;
//!
//! let vars = HashMap::from([("WORKSPACE_DIR", "/srv/w1")]);
//!
//! assert_eq!(envref::expand("${WORKSPACE_DIR}/data", &vars), "/srv/w1/data");
//! // Embedded, and not the caller's: left as it is, whatever the process environment holds.
//! assert_eq!(envref::expand("${HOME}/path costs $5", &vars), "${HOME}/path costs $5");
//! ```
//!
//! - [`expand`] is the language below, for one text.
//! - [`Expander`] adds a choice of fallback, strictness, a limit, and an explanation of where each value comes from.
//! - [`Lookup`] is what values come from: maps, pairs, closures, [`Layers`] of them, the [process environment](ProcessEnv),
//!   or a type of your own.
//! - The module `yaml` (feature `yaml`) expands the values of YAML text, and leaves every other byte of it alone.
//! - The module `de` (feature `serde`) expands while a document is deserialized, into typed values, and at the paths
//!   that [`Paths`] choose.
//! - The module [`dotenv`] reads the variables of a `.env` file, literally.
//! - The module `origins` (feature `origins`) saves what `de` has read, with its references in place of secrets.
//! - [`tokens`] and [`references`] are the parts of a text, with spans, for tools of your own.
//!
//! # The language
//!
//! ```abnf
//! reference = "$" name / "${" name "}" / "$<" name ">"
//! name      = (ALPHA / "_") *(ALPHA / DIGIT / "_")
//! ```
//!
//! A name is one of POSIX XBD 8.1, in ASCII, and the longest match. A `$` that begins no reference is an ordinary
//! character, and scanning goes on with the character after it. There is no escape.
//!
//! A reference takes its value from the caller's variables. If they do not have it, and the reference is the whole input,
//! it takes its value from the process environment; if that does not have it either, the value is empty. Every other
//! reference without a value stays as written. A value is not scanned again. A variable that is set to nothing is set.
//!
//! | input | variables | process environment | result |
//! |---|---|---|---|
//! | `plain` | | | itself, borrowed |
//! | `$A`, `${A}`, `$<A>` | `A=x` | `A=host` | `x`, borrowed from the variables |
//! | `${A}` | `A=` | `A=host` | empty |
//! | `${A}` | | `A=host` | `host` |
//! | `${A}` | | | empty |
//! | `$A/p`, `a${A}b`, `${A}${A}`, ` ${A}` | | `A=host` | itself, borrowed |
//! | `${A} and ${B}` | `A=yes` | `B=host` | `yes and ${B}` |
//! | `$`, `a$`, `$$`, `$5`, `cost $100`, `$-`, `$é` | `5=five` | | itself, borrowed |
//! | `$$A` | `A=x` | | `$x` |
//! | `${}`, `${1A}`, `${A-B}`, `${A:-d}`, `${ A }`, `${A`, `$<A`, `${A>` | `A=x` | | itself, borrowed |
//! | `${B$A}` | `A=x` | | `${Bx}` |
//! | `$Aé`, `$A-B` | `A=x` | | `xé`, `x-B` |
//! | `$A` | `A=$B`, `B=y` | | `$B` |
//!
//! # The trust model
//!
//! The text is untrusted. The caller's variables and the process are trusted.
//!
//! What the author of a text **can** do: read any of the caller's variables; and read a process variable with a text that
//! is one reference to it, if the fallback lets it through. [`expand`] and a new [`Expander`] let every process variable
//! through. This mistake has been made elsewhere (CVE-2026-32625, GHSA-3qhv-2rgh-x77r), so for a text from a stranger name
//! what it may read:
//!
//! ```
//! use envref::{Expander, ProcessEnv, Unset};
//!
//! let vars = [("WORKSPACE_DIR", "/srv/w1")];
//! let host = ProcessEnv::only(["TELEGRAM_BOT_TOKEN"]);
//! let expander = Expander::new(&vars).fallback(&host).on_unset(Unset::Reject).output_limit(1 << 20);
//!
//! assert!(expander.expand("${AWS_SECRET_ACCESS_KEY}").is_err());
//! ```
//!
//! What the author of a text **cannot** do:
//!
//! - reach the fallback, which by default is the process environment, from within a longer text, under any setting;
//! - have a value expanded again, or become structure, a key, a tag or an anchor;
//! - take more than linear time, overflow the stack or cause a panic, with any text;
//! - get a result longer than the [output limit](Expander::output_limit), where one is set: memory is then taken in
//!   proportion to the text and the limit, and never to what the values would add up to;
//! - see a value in an [`Error`], in a [`Resolution`] or in the `Debug` output of any type of this crate.
//!
//! # Limitations
//!
//! - There is no escape: a text cannot say a literal `$A` if the caller has a variable `A`.
//! - Names are ASCII. Where the platform treats the names of process variables as case-insensitive (Windows), so does
//!   the process environment here, but neither [`ProcessEnv::only`] nor [`ProcessEnv::prefix`].
//! - Default values and other operators of shells (`${A:-d}`) are text.
//!
//! # Features
//!
//! - `serde` (default): the module `de`, on `serde_core` alone.
//! - `std` (default): [`ProcessEnv`], and [`Lookup`] for `HashMap`. Without it the crate needs only `alloc`, and a whole
//!   reference that the variables do not have is empty.
//! - `origins`: the module `origins`, on `similar`. It needs `std` and `serde`.
//! - `yaml`: the module `yaml`, on `granit-parser`. It needs `std`.
//! - `cli`: the command `envref`, which no library needs.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "serde")]
pub mod de;
pub mod dotenv;
mod error;
mod expand;
mod lookup;
mod near_miss;
#[cfg(feature = "origins")]
pub mod origins;
#[cfg(any(feature = "serde", feature = "yaml"))]
mod path;
#[cfg(feature = "std")]
mod process;
#[cfg(any(feature = "serde", feature = "yaml"))]
mod select;
mod site;
mod snippet;
mod token;
mod word;
#[cfg(feature = "yaml")]
pub mod yaml;

pub use error::{Error, ErrorKind};
#[cfg(feature = "std")]
pub use expand::expand;
pub use expand::{Expander, Unset};
pub use lookup::{FromFn, Layers, Lookup, Reason, from_fn};
#[cfg(feature = "std")]
pub use process::ProcessEnv;
#[cfg(any(feature = "serde", feature = "yaml"))]
pub use select::{PathError, Paths};
pub use site::{Explanation, Provenance, Site};
pub use snippet::Position;
pub use token::{Form, Reference, References, Text, Token, Tokens, references, tokens};

/// The examples of the README, as tests.
#[cfg(all(doctest, feature = "origins", feature = "yaml"))]
#[doc = include_str!("../README.md")]
struct Readme;
