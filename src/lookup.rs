//! Where values come from: the trait [`Lookup`] and its implementations. No expansion and no errors happen here.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
#[cfg(feature = "std")]
use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
#[cfg(feature = "std")]
use core::hash::{BuildHasher, Hash};
#[cfg(feature = "std")]
use std::collections::{BTreeSet, HashMap};
#[cfg(feature = "std")]
use std::env::{VarError, var};

/// Gives the value of a variable.
///
/// Implemented for
///
/// - `HashMap` and `BTreeMap` from names to values, whatever the hasher;
/// - arrays, slices and vectors of pairs, of which the first with the name wins;
/// - closures from a name to `Option<String>`, `Option<&'static str>` or `Option<Cow<'static, str>>`;
/// - [`Layers`] of lookups, and the process environment as a [`ProcessEnv`].
///
/// A value may be empty: a variable that is set to nothing is set.
///
/// # Implementing it
///
/// One method will do. A value that the lookup owns is best lent as [`Cow::Borrowed`]: where one reference is the whole
/// input, it then reaches the caller without a copy.
///
/// ```
/// use std::borrow::Cow;
///
/// struct Workspace {
///     dir: String,
/// }
///
/// impl envref::Lookup for Workspace {
///     fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
///         (name == "WORKSPACE_DIR").then_some(Cow::Borrowed(&self.dir))
///     }
/// }
///
/// let workspace = Workspace { dir: "/srv/w1".to_owned() };
/// assert_eq!(envref::expand("$WORKSPACE_DIR/data", &workspace), "/srv/w1/data");
/// ```
pub trait Lookup {
    /// Returns the value of the variable `name`, or `None` where there is none.
    ///
    /// The value borrows from the lookup or is owned; it never borrows from `name`.
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>>;

    /// Returns why [`get`](Self::get) has no value for `name`, for the message of a strict expansion.
    ///
    /// It is asked only about names for which `get` returned `None`. The default is [`Reason::Unset`].
    fn reason(&self, name: &str) -> Reason {
        let _ = name;
        Reason::Unset
    }
}

/// Why a reference has no value, from the least to the most telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No lookup that was asked has the variable.
    Unset,
    /// The reference is only a part of its text, so that the fallback (the process environment) was not asked.
    Embedded,
    /// The variable is not among those that [`ProcessEnv::only`] or [`ProcessEnv::prefix`] let through.
    NotAllowed,
    /// The process has the variable, but its value is not Unicode.
    NotUnicode,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unset => "unset",
            Self::Embedded => "unset, and embedded in a longer text, so the environment was not asked",
            Self::NotAllowed => "not among the allowed environment variables",
            Self::NotUnicode => "its value is not Unicode",
        })
    }
}

#[cfg(feature = "std")]
impl<K, V, S> Lookup for HashMap<K, V, S>
where
    K: Borrow<str> + Eq + Hash,
    V: AsRef<str>,
    S: BuildHasher,
{
    #[inline]
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.get(name).map(|value| Cow::Borrowed(value.as_ref()))
    }
}

impl<K, V> Lookup for BTreeMap<K, V>
where
    K: Borrow<str> + Ord,
    V: AsRef<str>,
{
    #[inline]
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.get(name).map(|value| Cow::Borrowed(value.as_ref()))
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Lookup for [(K, V)] {
    #[inline]
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.iter().find(|(key, _)| key.as_ref() == name).map(|(_, value)| Cow::Borrowed(value.as_ref()))
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Lookup for &[(K, V)] {
    #[inline]
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        Lookup::get(*self, name)
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Lookup for [(K, V); N] {
    #[inline]
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        Lookup::get(self.as_slice(), name)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Lookup for Vec<(K, V)> {
    #[inline]
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        Lookup::get(self.as_slice(), name)
    }
}

/// A closure hands out owned or static values. One that lends what it captured is better written as a type of its own.
impl<F, T> Lookup for F
where
    F: Fn(&str) -> Option<T>,
    T: Into<Cow<'static, str>>,
{
    #[inline]
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self(name).map(Into::into)
    }
}

/// Lookups on top of each other: the first that has a variable gives its value.
///
/// ```
/// use envref::{Layers, expand};
///
/// let organisation = [("REGION", "eu"), ("DIR", "/srv/org")];
/// let workspace = [("DIR", "/srv/w1")];
/// let vars = Layers::new(&workspace).over(&organisation);
/// assert_eq!(expand("$REGION:$DIR", &vars), "eu:/srv/w1");
/// ```
#[derive(Clone)]
pub struct Layers<'v> {
    /// From the top down.
    layers: Vec<&'v (dyn Lookup + Sync)>,
}

impl<'v> Layers<'v> {
    /// Returns a stack of the one layer `top`.
    #[must_use]
    pub fn new(top: &'v (dyn Lookup + Sync)) -> Self {
        Self { layers: Vec::from([top]) }
    }

    /// Returns the stack with `below` under it, which is asked for what no layer above it has.
    #[must_use]
    pub fn over(mut self, below: &'v (dyn Lookup + Sync)) -> Self {
        self.layers.push(below);
        self
    }
}

impl Lookup for Layers<'_> {
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.layers.iter().find_map(|layer| layer.get(name))
    }

    /// Returns the most telling reason of any layer.
    fn reason(&self, name: &str) -> Reason {
        let reasons = self.layers.iter().map(|layer| layer.reason(name));
        reasons.max().unwrap_or(Reason::Unset)
    }
}

impl fmt::Debug for Layers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers").field("layers", &self.layers.len()).finish()
    }
}

/// The process environment, or the part of it that a template may see.
///
/// Each lookup asks the process anew; nothing is cached. A variable whose value is not Unicode counts as unset, with
/// [`Reason::NotUnicode`]. A name that is not let through is never asked for.
///
/// ```
/// use envref::{Expander, ProcessEnv};
///
/// let vars = [("WORKSPACE_DIR", "/srv/w1")];
/// let host = ProcessEnv::only(["TELEGRAM_BOT_TOKEN"]);
/// let expander = Expander::new(&vars).fallback(&host).strict();
///
/// let error = expander.expand("${AWS_SECRET_ACCESS_KEY}").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unresolved reference ${AWS_SECRET_ACCESS_KEY} at 1:1: not among the allowed environment variables",
/// );
/// ```
#[cfg(feature = "std")]
#[derive(Debug, Clone)]
pub struct ProcessEnv {
    allowed: Allowed,
}

#[cfg(feature = "std")]
#[derive(Debug, Clone)]
enum Allowed {
    Any,
    Only(BTreeSet<String>),
    Prefix(String),
}

#[cfg(feature = "std")]
impl ProcessEnv {
    /// Returns the whole process environment: for templates as trusted as the host itself.
    #[must_use]
    pub const fn any() -> Self {
        Self { allowed: Allowed::Any }
    }

    /// Returns the process variables that are listed, and no others.
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

#[cfg(feature = "std")]
impl Lookup for ProcessEnv {
    fn get<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
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
