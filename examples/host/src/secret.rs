//! Text that is never shown: no `Display`, a `Debug` without it, and one method that returns it.

use std::{fmt, panic};

use serde::{Deserialize, Serialize};
use tracing::error;

/// The value of a variable, or a token.
///
/// It is serialized in clear: into the store, and into the configuration of a runtime. No answer of the interface holds
/// one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Returns `text` as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns a new token of 128 random bits.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    #[must_use]
    pub fn mint() -> Self {
        let mut bits = [0; 16];
        #[allow(clippy::expect_used, reason = "a host that cannot make tokens must not start anything")]
        getrandom::fill(&mut bits).expect("random numbers from the system");
        Self(format!("{:032x}", u128::from_ne_bytes(bits)))
    }

    /// Returns the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Makes maps of secrets lookups of `envref`.
impl AsRef<str> for Secret {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Makes every panic of the process a line of the log that says where it was. What it says may quote a secret.
pub fn withhold_panics() {
    panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        error!(at, "a panic (its message is withheld: it may quote a secret)");
    }));
}
