//! Expansion: walks the references of an input, asks lookups for them, and borrows until the first change. No parsing.

use alloc::borrow::Cow;
use alloc::string::String;
use core::convert::Infallible;
use core::fmt;
use core::iter::FusedIterator;
use core::ops::Range;

use crate::error::Error;
use crate::lookup::{Lookup, Reason};
use crate::token::{Reference, References, has_dollar, references, whole_reference};

/// Returns `input` with its references replaced by the values of `vars` and, where one reference is the whole input,
/// of the process environment.
///
/// - A reference that `vars` has is replaced, wherever it stands. Values are not scanned again.
/// - If `input` is one reference, no more and no less, and `vars` does not have it, its value is that of the process
///   variable, or empty if there is none (or it is not Unicode).
/// - Everything else comes out as it went in: references in a longer text that `vars` does not have, and each `$` that
///   begins no reference.
///
/// Without the feature `std` there is no process environment, and a whole reference that `vars` does not have is empty.
///
/// The result borrows from `input` if no reference was replaced, and from `vars` if one reference is the whole input and
/// the lookup lends its value; otherwise it is owned. An input without `$` costs one search for it.
///
/// This is [`Expander::expand`] with the settings of [`Expander::new`], none of which can fail.
///
/// ```
/// let vars = [("NAME", "w1"), ("EMPTY", "")];
///
/// assert_eq!(envref::expand("/srv/${NAME}/data", &vars), "/srv/w1/data");
/// assert_eq!(envref::expand("$<NAME>", &vars), "w1");
/// assert_eq!(envref::expand("[$EMPTY]", &vars), "[]");
/// // Not the caller's, and not the whole value: left alone, even if the process has a HOME.
/// assert_eq!(envref::expand("${HOME}/path for $5", &vars), "${HOME}/path for $5");
/// ```
#[must_use]
#[inline]
pub fn expand<'a, V: Lookup + ?Sized>(input: &'a str, vars: &'a V) -> Cow<'a, str> {
    let Ok(expansion) = expand_with(input, vars, DEFAULT_FALLBACK, Lenient);
    expansion
}

#[cfg(feature = "std")]
const DEFAULT_FALLBACK: Option<&(dyn Lookup + Sync)> = {
    const ANY: &crate::ProcessEnv = &crate::ProcessEnv::any();
    Some(ANY)
};
#[cfg(not(feature = "std"))]
const DEFAULT_FALLBACK: Option<&(dyn Lookup + Sync)> = None;

/// Expands inputs by one set of rules: which variables, which fallback, how strict, how long.
///
/// A new expander does what [`expand`] does. It is cheap to copy, and `Send` and `Sync`.
///
/// ```
/// use envref::{Expander, ProcessEnv};
///
/// let vars = [("WORKSPACE_DIR", "/srv/w1")];
/// let host = ProcessEnv::only(["TELEGRAM_BOT_TOKEN"]);
/// let expander = Expander::new(&vars).fallback(&host).strict().output_limit(4096);
///
/// assert_eq!(expander.expand("$WORKSPACE_DIR/data")?, "/srv/w1/data");
/// # Ok::<(), envref::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Expander<'v> {
    vars: &'v (dyn Lookup + Sync),
    fallback: Option<&'v (dyn Lookup + Sync)>,
    limits: Limits,
}

impl<'v> Expander<'v> {
    /// Returns an expander that takes variables from `vars`, falls back to the whole process environment (with the
    /// feature `std`) where one reference is the whole input, leaves unresolved references be, and knows no limit.
    ///
    /// For a template from somebody else, narrow the [`fallback`](Self::fallback) and set an
    /// [`output_limit`](Self::output_limit).
    #[must_use]
    pub fn new(vars: &'v (dyn Lookup + Sync)) -> Self {
        Self { vars, fallback: DEFAULT_FALLBACK, limits: Limits { strict: false, output: usize::MAX } }
    }

    /// Returns the expander with `lookup` in place of its fallback: what a reference that is the whole input is looked
    /// up in if the variables do not have it.
    #[must_use]
    pub fn fallback(self, lookup: &'v (dyn Lookup + Sync)) -> Self {
        Self { fallback: Some(lookup), ..self }
    }

    /// Returns the expander without a fallback: only the caller's variables count.
    #[must_use]
    pub fn no_fallback(self) -> Self {
        Self { fallback: None, ..self }
    }

    /// Returns the expander made strict: a reference without a value is an error.
    #[must_use]
    pub fn strict(self) -> Self {
        let limits = Limits { strict: true, ..self.limits };
        Self { limits, ..self }
    }

    /// Returns the expander with a limit: a result longer than `bytes` is an error.
    ///
    /// A short input can name a long value many times; the limit stops that before memory is taken for the result.
    #[must_use]
    pub fn output_limit(self, bytes: usize) -> Self {
        let limits = Limits { output: bytes, ..self.limits };
        Self { limits, ..self }
    }

    /// Returns the expansion of `input`, by the rules of [`expand`] and the settings of the expander.
    ///
    /// The result borrows from `input` if no reference was replaced, and from the variables or the fallback if one
    /// reference is the whole input and the lookup lends its value; otherwise it is owned.
    ///
    /// # Errors
    ///
    /// - A strict expander fails on `${A}/data` if `A` has no value, and names every such reference of the input.
    /// - With an output limit of 4, `$A$A` fails if the value of `A` is three bytes long, and so does `plain`.
    ///
    /// No error holds the value of a variable.
    ///
    /// ```
    /// use envref::{ErrorKind, Expander};
    ///
    /// let vars = [("A", "aaa")];
    /// let expander = Expander::new(&vars).no_fallback();
    ///
    /// let error = expander.strict().expand("$A $B\n  ${C}").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Unresolved);
    /// assert_eq!(error.to_string(), "unresolved references: $B at 1:4: unset; ${C} at 2:3: unset");
    ///
    /// let error = expander.output_limit(4).expand("$A$A").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::OutputLimit);
    /// assert_eq!(error.to_string(), "expansion longer than the limit of 4 bytes with $A at 1:3");
    /// ```
    pub fn expand<'a>(&self, input: &'a str) -> Result<Cow<'a, str>, Error>
    where
        'v: 'a,
    {
        expand_with(input, self.vars, self.fallback, self.limits).map_err(|stop| self.error(input, &stop))
    }

    /// Returns, for each reference in `input`, where its value comes from or why it has none. Values are looked up but
    /// not kept.
    ///
    /// ```
    /// use envref::{Expander, Provenance, Reason};
    ///
    /// let vars = [("NAME", "w1")];
    /// let expander = Expander::new(&vars);
    /// let resolutions: Vec<_> = expander.explain("/srv/$NAME/$HOME").collect();
    ///
    /// assert_eq!(resolutions[0].provenance(), Provenance::Vars);
    /// assert_eq!(resolutions[0].to_string(), "$NAME: from the variables");
    /// assert_eq!(resolutions[1].provenance(), Provenance::Unset(Reason::Embedded));
    /// ```
    #[must_use]
    pub fn explain<'a>(&self, input: &'a str) -> Resolutions<'v, 'a> {
        Resolutions { expander: *self, input, references: references(input) }
    }

    /// Returns the value of `reference`, found in `input`, or why it has none.
    #[cfg(feature = "yaml")]
    pub(crate) fn resolve(&self, reference: &Reference<'_>, input: &str) -> Result<Cow<'v, str>, Reason> {
        let name = reference.name();
        let fallback = self.fallback.filter(|_| is_whole(reference, input));
        let value = self.vars.get(name).or_else(|| fallback?.get(name));
        value.ok_or_else(|| self.reason(reference, input))
    }

    #[cfg(feature = "yaml")]
    pub(crate) fn is_strict(&self) -> bool {
        self.limits.strict
    }

    /// Returns how long a result may be, in bytes.
    #[cfg(any(feature = "serde", feature = "yaml"))]
    pub(crate) fn limit(&self) -> usize {
        self.limits.output
    }

    /// Looks `reference` up, and tells where its value came from instead of what it is.
    fn provenance(&self, reference: &Reference<'_>, input: &str) -> Provenance {
        let name = reference.name();
        if self.vars.get(name).is_some() {
            return Provenance::Vars;
        }
        match self.fallback {
            Some(fallback) if is_whole(reference, input) && fallback.get(name).is_some() => {
                Provenance::Fallback
            }
            _ => Provenance::Unset(self.reason(reference, input)),
        }
    }

    /// Tells why `reference` has no value.
    fn reason(&self, reference: &Reference<'_>, input: &str) -> Reason {
        let name = reference.name();
        let reason = match self.fallback {
            Some(fallback) if is_whole(reference, input) => fallback.reason(name),
            Some(_) => Reason::Embedded,
            None => Reason::Unset,
        };
        reason.max(self.vars.reason(name))
    }

    /// Turns what stopped an expansion into the error to report.
    #[cold]
    fn error(&self, input: &str, stop: &Stop<'_>) -> Error {
        match *stop {
            Stop::Unresolved(first) => {
                let rest = self
                    .explain(input)
                    .skip_while(|it| it.reference.span().start <= first.span().start)
                    .filter_map(|it| match it.provenance {
                        Provenance::Unset(reason) => Some((it.reference, reason)),
                        Provenance::Vars | Provenance::Fallback => None,
                    });
                Error::unresolved_in(input, (first, self.reason(&first, input)), rest)
            }
            Stop::TooLong(at) => Error::too_long(input, at, self.limits.output),
        }
    }
}

/// The settings are shown, the variables are not.
impl fmt::Debug for Expander<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expander")
            .field("fallback", &self.fallback.is_some())
            .field("strict", &self.limits.strict)
            .field("output_limit", &self.limits.output)
            .finish_non_exhaustive()
    }
}

/// What a reference resolves to, without the value. Made by [`Expander::explain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution<'a> {
    reference: Reference<'a>,
    provenance: Provenance,
}

impl<'a> Resolution<'a> {
    /// Returns the reference.
    #[must_use]
    pub fn reference(&self) -> Reference<'a> {
        self.reference
    }

    /// Returns where the value of the reference comes from, or why it has none.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }
}

impl fmt::Display for Resolution<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reference.text(), self.provenance)
    }
}

/// Where the value of a reference comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// The caller's variables.
    Vars,
    /// The fallback, which by default is the process environment: the reference is the whole text.
    Fallback,
    /// Nowhere: the reference has no value.
    Unset(Reason),
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vars => f.write_str("from the variables"),
            Self::Fallback => f.write_str("from the fallback"),
            Self::Unset(reason) => reason.fmt(f),
        }
    }
}

/// The iterator that [`Expander::explain`] returns.
#[derive(Debug, Clone)]
pub struct Resolutions<'v, 'a> {
    expander: Expander<'v>,
    input: &'a str,
    references: References<'a>,
}

impl<'a> Iterator for Resolutions<'_, 'a> {
    type Item = Resolution<'a>;

    fn next(&mut self) -> Option<Resolution<'a>> {
        let reference = self.references.next()?;
        let provenance = self.expander.provenance(&reference, self.input);
        Some(Resolution { reference, provenance })
    }
}

impl FusedIterator for Resolutions<'_, '_> {}

/// Tells whether `reference`, found in `input`, is all of it.
#[inline]
fn is_whole(reference: &Reference<'_>, input: &str) -> bool {
    reference.text().len() == input.len()
}

/// What can stop an expansion. Nothing does under the policy [`Lenient`], so that [`expand`] has no error.
trait Policy<'a>: Copy {
    type Stop;

    /// Decides about a reference without a value.
    fn unresolved(self, reference: Reference<'a>) -> Result<(), Self::Stop>;

    /// Decides about a result of `len` bytes, before it is built. What it ends with comes from byte `at` of the
    /// input.
    fn grow(self, len: usize, at: usize) -> Result<(), Self::Stop>;
}

#[derive(Clone, Copy)]
struct Lenient;

impl<'a> Policy<'a> for Lenient {
    type Stop = Infallible;

    fn unresolved(self, _: Reference<'a>) -> Result<(), Infallible> {
        Ok(())
    }

    fn grow(self, _: usize, _: usize) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The policy of an [`Expander`].
#[derive(Clone, Copy)]
struct Limits {
    strict: bool,
    output: usize,
}

/// What stopped an expansion.
enum Stop<'a> {
    /// This reference has no value.
    Unresolved(Reference<'a>),
    /// The result outgrew its limit with what is at this byte of the input.
    TooLong(usize),
}

impl<'a> Policy<'a> for Limits {
    type Stop = Stop<'a>;

    fn unresolved(self, reference: Reference<'a>) -> Result<(), Stop<'a>> {
        if self.strict { Err(Stop::Unresolved(reference)) } else { Ok(()) }
    }

    fn grow(self, len: usize, at: usize) -> Result<(), Stop<'a>> {
        if len > self.output { Err(Stop::TooLong(at)) } else { Ok(()) }
    }
}

#[inline]
fn expand_with<'a, V, P>(
    input: &'a str,
    vars: &'a V,
    fallback: Option<&'a (dyn Lookup + Sync)>,
    policy: P,
) -> Result<Cow<'a, str>, P::Stop>
where
    V: Lookup + ?Sized,
    P: Policy<'a>,
{
    if !has_dollar(input) {
        policy.grow(input.len(), 0)?;
        return Ok(Cow::Borrowed(input));
    }
    let Some(reference) = whole_reference(input) else {
        return expand_references(input, vars, policy);
    };
    match vars.get(reference.name()).or_else(|| fallback?.get(reference.name())) {
        Some(value) => policy.grow(value.len(), 0).map(|()| value),
        None => policy.unresolved(reference).map(|()| Cow::Borrowed("")),
    }
}

/// Expands an `input` of which no reference is the whole.
fn expand_references<'a, V, P>(input: &'a str, vars: &'a V, policy: P) -> Result<Cow<'a, str>, P::Stop>
where
    V: Lookup + ?Sized,
    P: Policy<'a>,
{
    let mut references = references(input);
    let mut output = String::new();
    // The output ends with what comes from before this byte of the input; there is no output while it is zero.
    let mut copied = 0;
    while let Some((text, reference)) = references.advance() {
        let start = reference.span().start;
        let Some(value) = vars.get(reference.name()) else {
            policy.unresolved(reference)?;
            if copied > 0 {
                copy(&mut output, input, start - text.len()..input.len() - references.rest().len());
            }
            continue;
        };
        if copied == 0 {
            policy.grow(start.saturating_add(value.len()), start)?;
            // Values are often longer than references: with some room to spare, most results never move.
            output.reserve(value.len() + input.len() + input.len() / 4);
            output.push_str(input.get(..start).unwrap_or_default());
        } else {
            policy.grow(output.len().saturating_add(text.len()).saturating_add(value.len()), start)?;
            output.push_str(text);
        }
        output.push_str(&value);
        copied = input.len() - references.rest().len();
    }
    if copied == 0 {
        policy.grow(input.len(), 0)?;
        return Ok(Cow::Borrowed(input));
    }
    let tail = references.rest();
    policy.grow(output.len().saturating_add(tail.len()), copied)?;
    output.push_str(tail);
    Ok(Cow::Owned(output))
}

/// Not inlined, because it would take registers from the loop that replaces references.
#[inline(never)]
fn copy(output: &mut String, input: &str, span: Range<usize>) {
    output.push_str(input.get(span).unwrap_or_default());
}
