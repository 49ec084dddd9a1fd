//! Where values come from: the trait [`Lookup`], and the lookups that need no process. No expansion happens here.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
#[cfg(feature = "std")]
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
#[cfg(feature = "std")]
use std::collections::HashMap;

/// A source of variables: returns the value of each by its name.
///
/// Implemented for
///
/// - `HashMap` and `BTreeMap` from names to values, whatever the hasher;
/// - arrays, slices and vectors of pairs, of which the first with the name wins;
/// - what [`from_fn`] makes of a closure;
/// - [`Layers`] of lookups, and `ProcessEnv` (feature `std`), the process environment;
/// - references to lookups, and `Box`, `Rc` and `Arc` of them;
/// - `Option` (`None` is empty) and `()` (always empty).
///
/// An empty value is a value: the variable is set.
///
/// # Implementing it
///
/// Only [`value`](Self::value) is required. Lend a value that the lookup owns, as [`Cow::Borrowed`]: where one reference
/// is the whole input, it reaches the caller without a copy.
///
/// ```
/// use std::borrow::Cow;
///
/// struct Workspace {
///     dir: String,
/// }
///
/// impl envref::Lookup for Workspace {
///     fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
///         (name == "WORKSPACE_DIR").then_some(Cow::Borrowed(&self.dir))
///     }
/// }
///
/// let workspace = Workspace { dir: "/srv/w1".to_owned() };
/// assert_eq!(envref::Expander::new(&workspace).expand("$WORKSPACE_DIR/data")?, "/srv/w1/data");
/// # Ok::<(), envref::Error>(())
/// ```
pub trait Lookup {
    /// Returns the value of the variable `name`, or `None` if there is none.
    ///
    /// The value borrows from the lookup or is owned; it never borrows from `name`.
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>>;

    /// Returns why [`value`](Self::value) has none for `name`, for messages.
    ///
    /// It is called only for names for which `value` returned `None`. The default is [`Reason::Unset`]. A lookup that
    /// rejects a value can say why: `Reason::Other("contains a newline")`.
    fn reason(&self, name: &str) -> Reason {
        let _ = name;
        Reason::Unset
    }
}

/// Why a reference has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No lookup that was asked has the variable.
    Unset,
    /// The variables do not have it. The reference is the whole text, but the expander has no fallback.
    NoFallback,
    /// The variables do not have it. The reference is only a part of its text, so the fallback was not asked.
    Embedded,
    /// The variable is not among those that `ProcessEnv::only` or `ProcessEnv::prefix` allow.
    NotAllowed,
    /// The process has the variable, but its value is not Unicode.
    NotUnicode,
    /// The variable is empty, and `${NAME:?message}` of the Compose dialect asks for more.
    Empty,
    /// A static message from the lookup. It must not contain a value.
    Other(&'static str),
}

impl Reason {
    /// Returns the more telling one of two reasons.
    pub(crate) fn or(self, other: Self) -> Self {
        let rank = |reason| match reason {
            Self::Unset => 0,
            Self::NoFallback | Self::Embedded => 1,
            Self::NotAllowed => 2,
            Self::NotUnicode | Self::Empty | Self::Other(_) => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unset => "unset",
            Self::NoFallback => "unset, and no fallback is set",
            Self::Embedded => "not among the variables, and the fallback is not asked within a longer text",
            Self::NotAllowed => "neither a variable nor an allowed environment variable",
            Self::NotUnicode => "its value is not Unicode",
            Self::Empty => "empty",
            Self::Other(reason) => reason,
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
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.get(name).map(|value| Cow::Borrowed(value.as_ref()))
    }
}

impl<K, V> Lookup for BTreeMap<K, V>
where
    K: Borrow<str> + Ord,
    V: AsRef<str>,
{
    #[inline]
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.get(name).map(|value| Cow::Borrowed(value.as_ref()))
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Lookup for [(K, V)] {
    #[inline]
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.iter().find(|(key, _)| key.as_ref() == name).map(|(_, value)| Cow::Borrowed(value.as_ref()))
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Lookup for [(K, V); N] {
    #[inline]
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        Lookup::value(self.as_slice(), name)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Lookup for Vec<(K, V)> {
    #[inline]
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        Lookup::value(self.as_slice(), name)
    }
}

/// Forwards to what a pointer points to.
macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<L: Lookup + ?Sized> Lookup for $pointer {
            #[inline]
            fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
                (**self).value(name)
            }

            fn reason(&self, name: &str) -> Reason {
                (**self).reason(name)
            }
        }
    )*};
}

pointers!(&L, &mut L, Box<L>, Rc<L>, Arc<L>);

/// The lookup without any variable.
impl Lookup for () {
    #[inline]
    fn value<'v>(&'v self, _: &str) -> Option<Cow<'v, str>> {
        None
    }
}

/// `None` has no variable.
impl<L: Lookup> Lookup for Option<L> {
    #[inline]
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.as_ref()?.value(name)
    }

    fn reason(&self, name: &str) -> Reason {
        self.as_ref().map_or(Reason::Unset, |lookup| lookup.reason(name))
    }
}

/// Returns a lookup that calls `f` for each value: a closure from a name to an `Option` of a `String`, a `&str`, a
/// `&String` or a `Cow<str>`.
///
/// A closure can lend what it has borrowed: a value then reaches the caller without a copy.
///
/// ```
/// use envref::{Expander, from_fn};
///
/// let process = from_fn(|name| std::env::var(name).ok());
/// # let _ = Expander::new(&process);
///
/// let config = std::collections::HashMap::from([("dir".to_owned(), "/srv/w1".to_owned())]);
/// let vars = from_fn(|name| config.get(&name.to_lowercase()));
/// assert_eq!(Expander::new(&vars).expand("$DIR/data")?, "/srv/w1/data");
/// # Ok::<(), envref::Error>(())
/// ```
pub const fn from_fn<'a, F, T>(f: F) -> FromFn<'a, F>
where
    F: Fn(&str) -> Option<T>,
    T: Into<Cow<'a, str>>,
{
    FromFn { f, values: PhantomData }
}

/// The lookup that [`from_fn`] returns.
#[derive(Clone, Copy)]
pub struct FromFn<'a, F> {
    f: F,
    values: PhantomData<&'a str>,
}

impl<'a, F, T> Lookup for FromFn<'a, F>
where
    F: Fn(&str) -> Option<T>,
    T: Into<Cow<'a, str>>,
{
    #[inline]
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        (self.f)(name).map(Into::into)
    }
}

impl<F> fmt::Debug for FromFn<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}

/// Lookups in order of precedence: the first that has a variable wins.
///
/// ```
/// use envref::{Expander, Layers};
///
/// let organisation = [("REGION", "eu"), ("DIR", "/srv/org")];
/// let workspace = [("DIR", "/srv/w1")];
/// let vars = Layers::new(&workspace).over(&organisation);
/// assert_eq!(Expander::new(&vars).expand("$REGION:$DIR")?, "eu:/srv/w1");
/// # Ok::<(), envref::Error>(())
/// ```
///
/// A layer is a lookup or a reference to one. Layers can have different types.
#[derive(Clone, Copy)]
pub struct Layers<T, B = ()> {
    top: T,
    below: B,
}

impl<T: Lookup> Layers<T> {
    /// Returns `top` as the only layer.
    #[must_use]
    pub const fn new(top: T) -> Self {
        Self { top, below: () }
    }
}

impl<T: Lookup, B: Lookup> Layers<T, B> {
    /// Returns the layers with `below` under them: it is asked for variables that no layer above it has.
    #[must_use]
    pub const fn over<L: Lookup>(self, below: L) -> Layers<Self, L> {
        Layers { top: self, below }
    }
}

impl<T: Lookup, B: Lookup> Lookup for Layers<T, B> {
    #[inline]
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.top.value(name).or_else(|| self.below.value(name))
    }

    /// Returns the most telling reason of any layer.
    fn reason(&self, name: &str) -> Reason {
        self.top.reason(name).or(self.below.reason(name))
    }
}

/// The variables are not shown.
impl<T, B> fmt::Debug for Layers<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers").finish_non_exhaustive()
    }
}
