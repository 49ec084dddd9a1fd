//! The process environment as a lookup, and which part of it a template may see.

use alloc::borrow::Cow;
use alloc::string::String;
use std::collections::BTreeSet;
use std::env::{VarError, var};

use crate::lookup::{Lookup, Reason};

/// The process environment, or the part of it that a template may see.
///
/// Each lookup asks the process anew; nothing is cached. A variable whose value is not Unicode has none here, with
/// [`Reason::NotUnicode`]. A variable that is not allowed is never read.
///
/// ```
/// use envref::{Expander, ProcessEnv, Unset};
///
/// let vars = [("WORKSPACE_DIR", "/srv/w1")];
/// let host = ProcessEnv::only(["TELEGRAM_BOT_TOKEN"]);
/// let expander = Expander::new(&vars).fallback(&host).on_unset(Unset::Reject);
///
/// let error = expander.expand("${AWS_SECRET_ACCESS_KEY}").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unresolved reference ${AWS_SECRET_ACCESS_KEY} at 1:1: neither a variable nor an allowed environment variable",
/// );
/// ```
#[derive(Debug, Clone)]
pub struct ProcessEnv {
    allowed: Allowed,
}

#[derive(Debug, Clone)]
enum Allowed {
    Any,
    Only(BTreeSet<String>),
    Prefix(String),
}

impl ProcessEnv {
    /// Returns the whole process environment. Use it only for trusted templates.
    #[must_use]
    pub const fn any() -> Self {
        Self { allowed: Allowed::Any }
    }

    /// Returns the process variables in `names`, and no others.
    #[must_use]
    pub fn only<I>(names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self { allowed: Allowed::Only(names.into_iter().map(Into::into).collect()) }
    }

    /// Returns the process variables whose names begin with `prefix`, and no others.
    ///
    /// The prefix is a part of the name: with `ProcessEnv::prefix("ORG_")`, `${ORG_TOKEN}` is the variable `ORG_TOKEN`.
    #[must_use]
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self { allowed: Allowed::Prefix(prefix.into()) }
    }

    fn allows(&self, name: &str) -> bool {
        match &self.allowed {
            Allowed::Any => true,
            Allowed::Only(names) => names.contains(name),
            Allowed::Prefix(prefix) => name.starts_with(prefix.as_str()),
        }
    }
}

impl Lookup for ProcessEnv {
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        if !self.allows(name) {
            return None;
        }
        var(name).ok().map(Cow::Owned)
    }

    fn reason(&self, name: &str) -> Reason {
        if !self.allows(name) {
            return Reason::NotAllowed;
        }
        match var(name) {
            Err(VarError::NotUnicode(_)) => Reason::NotUnicode,
            Ok(_) | Err(VarError::NotPresent) => Reason::Unset,
        }
    }
}
