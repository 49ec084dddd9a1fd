//! Expands references to environment variables (`$VAR`, `${VAR}`, `$<VAR>`) in configuration that somebody else wrote,
//! without giving it the host's environment.
//!
//! ```
//! use envref::{Expander, ProcessEnv, Unset};
//!
//! let vars = [("WORKSPACE_DIR", "/srv/w1")];
//! let host = ProcessEnv::only(["TELEGRAM_BOT_TOKEN"]);
//! let expander = Expander::new(&vars).fallback(&host).on_unset(Unset::Reject).output_limit(1 << 20);
//!
//! assert_eq!(expander.expand("${WORKSPACE_DIR}/data costs $5")?, "/srv/w1/data costs $5");
//!
//! let error = expander.expand("${AWS_SECRET_ACCESS_KEY}").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "unresolved reference ${AWS_SECRET_ACCESS_KEY} at 1:1: neither a variable nor an allowed environment variable",
//! );
//! # Ok::<(), envref::Error>(())
//! ```
//!
//! Every input can be *expanded* or *explained*. *Expand* returns the input with its references replaced. *Explain*
//! returns each reference with its place and what it resolves to, and replaces nothing.
//!
//! | | a text | a YAML stream | any serde document |
//! |---|---|---|---|
//! | expand | [`Expander::expand`] | [`yaml::expand`] | [`de::deserialize`] |
//! | explain | [`Expander::explain`] | [`yaml::explain`] | [`de::explain`] |
//!
//! An [`Expander`] holds the rules for all of them: the variables (a [`Lookup`]), a fallback, how [unset
//! variables](Unset) are handled, an output limit, a [`Dialect`], and which values of a document are expanded (`Paths`).
//! There are also
//!
//! - `expand`, for one text that you trust, with the process environment as the fallback;
//! - [`dotenv`], which reads the variables of a `.env` file, literally;
//! - `origins` (feature `origins`), which saves what `de` has read, with references in place of secrets;
//! - [`tokens`] and [`references`]: the parts of a text, with spans, for tools of your own.
//!
//! # The language
//!
//! ```abnf
//! reference = "$" name / "${" name "}" / "$<" name ">"
//! name      = (ALPHA / "_") *(ALPHA / DIGIT / "_")
//! ```
//!
//! Names are ASCII; the longest possible name is taken (POSIX XBD 3, *Name*). A `$` that begins no reference is an
//! ordinary character, and scanning goes on with the character after it. There is no escape.
//!
//! A reference takes its value from the variables. If they do not have it, and the reference is the whole text, it takes its
//! value from the fallback. An empty value is a value. [`Unset`] says how a reference without one is handled: by default
//! it is empty where it is the whole text, and stays as written elsewhere. References inside values are not expanded.
//!
//! | text | variables | fallback | result |
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
//! The Go function that this crate replaces does the same, with three deliberate differences:
//!
//! - What has braces or angles but no POSIX name to its end is text, and comes out whole. The original drops the braces of `${}`
//!   and `${1A}`, looks up `A-B` for `${A-B}`, gives nothing for a whole `${A:-d}`, and gives `$ A ` for `${ A }`.
//! - Scanning goes on inside of it. `${B$A}` is empty in the original.
//! - `$<VAR>` is a reference.
//!
//! # The Compose dialect
//!
//! [`Dialect::Compose`], an opt-in for every verb, is the interpolation of the Compose specification:
//!
//! ```abnf
//! text      = *( escape / reference / char )
//! reference = "$" name / "${" name [ operator word ] "}"
//! operator  = [ ":" ] ( "-" / "?" / "+" )
//! word      = *( escape / reference / "{" word "}" / wchar )
//! escape    = "$$"
//! char      = any; a "$" only where it begins no escape, no name and no "${"
//! wchar     = char except "{" "}"
//! ```
//!
//! | | unset | empty | set |
//! |---|---|---|---|
//! | `$A`, `${A}` | as [`Unset`] says | empty | value |
//! | `${A-d}` / `${A:-d}` | d / d | empty / d | value |
//! | `${A?m}` / `${A:?m}` | error / error | empty / error | value |
//! | `${A+x}` / `${A:+x}` | empty / empty | x / empty | x |
//!
//! The operator is what directly follows the name; all after it, up to the closing brace, is the word.
//!
//! A word that is used is expanded by the same rules; in one that is not used, nothing is looked up. `$$` is a `$`. A
//! `${` that begins no reference is an [error](ErrorKind::Malformed), whatever the variables; so are words nested deeper
//! than 64 levels. The message after a `?` is shown as written. Under [`Unset::Keep`], `$$` stays as written.
//!
//! `docs/dialects.md` in the repository compares both dialects with Docker Compose, envsubst and shells.
//! `docs/recipes.md` has solutions to common tasks.
//!
//! # The trust model
//!
//! The text is untrusted. The caller's variables and the process are trusted.
//!
//! The author of a text **can** read each of the caller's variables, and each variable of the fallback, the latter with a
//! text that is one reference to it. A new [`Expander`] has no fallback. `ProcessEnv::only` and `ProcessEnv::prefix`
//! expose only the variables that the caller names; `ProcessEnv::any`, and the function `expand`, expose all of them.
//! Unrestricted access has caused vulnerabilities elsewhere (CVE-2026-32625, CVE-2026-55180): use those two only for
//! trusted texts.
//!
//! The author of a text **cannot**
//!
//! - reach the fallback from within a longer text, under any setting;
//! - have a value expanded again, or become structure, a key, a tag or an anchor, whether through YAML or through the
//!   [private keys] by which serde formats pass types of their own;
//! - take more than linear time, overflow the stack or cause a panic, with any text;
//! - get more expanded text than the [output limit](Expander::output_limit), where one is set: memory then grows with the
//!   text and the limit, never with what the values would add up to;
//! - see a value in an [`Error`], in a [`Site`], or in the `Debug` output of any type of this crate.
//!
//! The Compose dialect changes none of this. The fallback is asked for one name only, that of the outermost reference,
//! where it is the whole text (`PORT` for `${PORT:-8080}`), and never for one in a word. With `${A:+x}` an author can
//! learn whether a variable of the fallback is set. An error shows a word as the template has it, never expanded. A `$$`
//! that becomes a `$` is not scanned again.
//!
//! # Limitations
//!
//! - There is no escape: where there is a variable `A`, a text cannot say a literal `$A`. The Compose dialect has one.
//! - Names are ASCII. Where the platform treats the names of process variables as case-insensitive (Windows), so does
//!   the process environment here, but neither `ProcessEnv::only` nor `ProcessEnv::prefix`.
//! - Default values and other operators of shells (`${A:-d}`) are text, except in the Compose dialect.
//!   [`Expander::explain`] points them out.
//!
//! # Features
//!
//! - `serde` (default): the module `de`, on `serde_core` alone.
//! - `std` (default): `ProcessEnv`, `expand`, and [`Lookup`] for `HashMap`. Without it the crate needs only `alloc`.
//!   Features only add: an [`Expander`] does the same with and without them.
//! - `yaml`: the module `yaml`, on `granit-parser`. It needs `std`.
//! - `origins`: the module `origins`. It needs `std` and `serde`.
//! - `cli`: the command `envref`. Libraries do not need it.
//!

// Where a feature is off, the links to its module lead to docs.rs.
#![cfg_attr(feature = "serde", doc = "[private keys]: de#private-keys")]
#![cfg_attr(
    not(feature = "serde"),
    doc = "
[`de::deserialize`]: https://docs.rs/envref/latest/envref/de/fn.deserialize.html
[`de::explain`]: https://docs.rs/envref/latest/envref/de/fn.explain.html
[private keys]: https://docs.rs/envref/latest/envref/de/#private-keys
"
)]
#![cfg_attr(
    not(feature = "yaml"),
    doc = "
[`yaml::expand`]: https://docs.rs/envref/latest/envref/yaml/fn.expand.html
[`yaml::explain`]: https://docs.rs/envref/latest/envref/yaml/fn.explain.html
"
)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod compose;
#[cfg(feature = "serde")]
pub mod de;
pub mod dotenv;
mod error;
mod expand;
mod interpolate;
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

pub use compose::{Action, Operator};
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
pub use token::{Dialect, Form, Reference, References, Text, Token, Tokens, references, tokens};

/// The examples of the README, as tests.
#[cfg(all(doctest, feature = "origins", feature = "yaml"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// The comparison of dialects, as a test.
#[cfg(doctest)]
#[doc = include_str!("../docs/dialects.md")]
struct Dialects;

/// The recipes, as tests.
#[cfg(all(doctest, feature = "yaml"))]
#[doc = include_str!("../docs/recipes.md")]
struct Recipes;
