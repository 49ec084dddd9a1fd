//! Expansion: the rules of an [`Expander`], the one function that resolves a reference, and the loop that replaces it.
//! The result borrows until the first value. No parsing happens here.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use core::convert::Infallible;
use core::fmt;

use crate::compose::{self, Malformed};
use crate::error::Error;
use crate::interpolate::{Choice, interpolate};
use crate::lookup::{Lookup, Reason};
use crate::near_miss::near_misses;
#[cfg(feature = "std")]
use crate::process::ProcessEnv;
#[cfg(any(feature = "serde", feature = "yaml"))]
use crate::select::Paths;
use crate::site::{Explanation, Provenance, Site};
use crate::snippet::{Position, Positions};
#[cfg(any(feature = "serde", feature = "yaml"))]
use crate::token::Token;
use crate::token::{Dialect, Reference, Scan, whole_reference};
use crate::word::has_dollar;

/// Returns `input` with its references replaced by the values of `vars` and, where one reference is the whole input, of
/// the **process environment**.
///
/// Use it only for trusted texts. For all others use an [`Expander`], which has no fallback unless you give it one.
///
/// - A reference that `vars` has is replaced, wherever it stands. References inside values are not expanded.
/// - If `input` is one reference, no more and no less, and `vars` does not have it, its value is that of the process
///   variable, or empty if there is none (or it is not Unicode).
/// - Everything else comes out as it went in: references in a longer text that `vars` does not have, and each `$` that
///   begins no reference.
///
/// The result borrows from `input` if no reference was replaced, and from `vars` if one reference is the whole input and
/// the lookup lends its value; otherwise it is owned. An input without `$` costs one search for it.
///
/// ```
/// let vars = [("NAME", "w1"), ("EMPTY", "")];
///
/// assert_eq!(envref::expand("/srv/${NAME}/data", &vars), "/srv/w1/data");
/// assert_eq!(envref::expand("$<NAME>", &vars), "w1");
/// assert_eq!(envref::expand("[$EMPTY]", &vars), "[]");
/// // Not among the variables, and not the whole input: left alone, even if the process has a HOME.
/// assert_eq!(envref::expand("${HOME}/path for $5", &vars), "${HOME}/path for $5");
///
/// // The whole input is one reference: the process has a PATH. An expander does not ask it.
/// assert_ne!(envref::expand("${PATH}", &vars), "");
/// assert_eq!(envref::Expander::new(&vars).expand("${PATH}")?, "");
/// # Ok::<(), envref::Error>(())
/// ```
#[cfg(feature = "std")]
#[must_use]
#[inline]
pub fn expand<'a, V: Lookup + ?Sized>(input: &'a str, vars: &'a V) -> Cow<'a, str> {
    static PROCESS: ProcessEnv = ProcessEnv::any();
    if !has_dollar(input) {
        return Cow::Borrowed(input);
    }
    let Ok(expansion) = replace(input, Lookups { vars, fallback: Some(&PROCESS) }, Plain);
    expansion
}

/// How to handle a reference that has no value. See [`Expander::on_unset`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unset {
    /// It is empty where it is the whole text, and stays as written elsewhere.
    #[default]
    Default,
    /// It stays as written, even where it is the whole text: for a template that is rendered in two stages.
    ///
    /// The second stage also reads the values of the first: it expands a reference inside one and, in the Compose dialect,
    /// makes `$$` in one a `$`. Use it only with values that have no `$`. In the Compose dialect, operators act in the
    /// first stage: an unset `${TAG:-latest}` becomes `latest`, and an unset `${TAG:?}` is an error.
    Keep,
    /// It is empty everywhere, as with envsubst.
    Empty,
    /// Fail, with an error that lists all such references of the text or stream.
    Reject,
}

/// The rules of an expansion: the variables, the fallback, how unset variables are handled, the output limit, the dialect
/// and the paths.
///
/// It expands and explains a text by itself ([`expand`](Self::expand), [`explain`](Self::explain)), and the functions of
/// the modules `yaml` and `de` that do so with documents take one. It only borrows, so it is free to make and to copy:
/// keep the variables, and make one for each call. It is `Send` and `Sync` if its lookups are `Sync`.
///
/// ```
/// use envref::{Expander, ProcessEnv, Unset};
///
/// let vars = [("WORKSPACE_DIR", "/srv/w1")];
/// let host = ProcessEnv::only(["TELEGRAM_BOT_TOKEN"]);
/// let expander = Expander::new(&vars).fallback(&host).on_unset(Unset::Reject).output_limit(4096);
///
/// assert_eq!(expander.expand("$WORKSPACE_DIR/data")?, "/srv/w1/data");
/// # Ok::<(), envref::Error>(())
/// ```
///
/// The types of its lookups are parameters: `L` for the variables, `F` for the fallback. In a signature, leave them open
/// (`fn load<L: Lookup + ?Sized, F: Lookup + ?Sized>(expander: &Expander<'_, L, F>)`), or take the lookups instead.
pub struct Expander<'v, L: ?Sized = dyn Lookup + Sync + 'v, F: ?Sized = dyn Lookup + Sync + 'v> {
    lookups: Lookups<'v, L, F>,
    rules: Rules,
    #[cfg(any(feature = "serde", feature = "yaml"))]
    paths: Option<&'v Paths>,
}

/// An expander without the types of its lookups.
#[cfg(any(feature = "serde", feature = "yaml"))]
pub(crate) type Erased<'v> = Expander<'v, dyn Lookup + 'v, dyn Lookup + 'v>;

impl<'v, L: Lookup + ?Sized> Expander<'v, L> {
    /// Returns an expander that takes values from `vars` and from nowhere else, with [`Unset::Default`], the plain
    /// dialect, all paths, and no limit.
    ///
    /// For an untrusted template, also set an [`output_limit`](Self::output_limit).
    #[must_use]
    pub const fn new(vars: &'v L) -> Self {
        Self {
            lookups: Lookups { vars, fallback: None },
            rules: Rules { dialect: Dialect::Plain, unset: Unset::Default, limit: usize::MAX },
            #[cfg(any(feature = "serde", feature = "yaml"))]
            paths: None,
        }
    }
}

impl<'v, L: Lookup + ?Sized, F: Lookup + ?Sized> Expander<'v, L, F> {
    /// Returns the expander with `lookup` as its fallback. It is asked only where one reference is the whole text, and
    /// for a variable that the expander's own do not have.
    ///
    /// `ProcessEnv::only(["TOKEN"])` opens one process variable to templates, and `ProcessEnv::any()` all of them.
    #[must_use]
    pub const fn fallback<G: Lookup + ?Sized>(self, lookup: &'v G) -> Expander<'v, L, G> {
        Expander {
            lookups: Lookups { vars: self.lookups.vars, fallback: Some(lookup) },
            rules: self.rules,
            #[cfg(any(feature = "serde", feature = "yaml"))]
            paths: self.paths,
        }
    }

    /// Returns the expander with `unset` as its rule for references without a value.
    ///
    /// ```
    /// use envref::{Expander, Unset};
    ///
    /// let vars = [("A", "x")];
    /// let expand = |unset, text| Expander::new(&vars).on_unset(unset).expand(text);
    ///
    /// assert_eq!(expand(Unset::Default, "$A $B")?, "x $B");
    /// assert_eq!(expand(Unset::Default, "${B}")?, "");
    /// assert_eq!(expand(Unset::Keep, "${B}")?, "${B}");
    /// assert_eq!(expand(Unset::Empty, "$A $B")?, "x ");
    /// assert!(expand(Unset::Reject, "$A $B").is_err());
    /// # Ok::<(), envref::Error>(())
    /// ```
    #[must_use]
    pub const fn on_unset(self, unset: Unset) -> Self {
        let rules = Rules { unset, ..self.rules };
        Self { rules, ..self }
    }

    /// Returns the expander with `dialect` as the language of its texts.
    ///
    /// In the [Compose dialect](crate#the-compose-dialect) a text can be malformed, and a word can take the place of a
    /// variable. [`on_unset`](Self::on_unset) applies to references without an operator.
    ///
    /// ```
    /// use envref::{Dialect, Expander};
    ///
    /// let vars = [("HOST", "example.org")];
    /// let expander = Expander::new(&vars).dialect(Dialect::Compose);
    ///
    /// assert_eq!(expander.expand("${HOST:-localhost}:${PORT:-8080} for $$5")?, "example.org:8080 for $5");
    /// assert!(expander.expand("${HOST").is_err());
    ///
    /// let error = expander.expand("${PASSWORD:?set it in .env}").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unresolved reference ${PASSWORD:?…} at 1:1: unset, and no fallback is set: set it in .env",
    /// );
    /// # Ok::<(), envref::Error>(())
    /// ```
    #[must_use]
    pub const fn dialect(self, dialect: Dialect) -> Self {
        let rules = Rules { dialect, ..self.rules };
        Self { rules, ..self }
    }

    /// Returns the expander with a limit, which fails any call whose expanded text would exceed `bytes`.
    ///
    /// What counts is the summed length of the texts in which something is replaced: the result of
    /// [`expand`](Self::expand), the values of a document in `yaml::expand` and `de::deserialize`. A text in which
    /// nothing is replaced never counts. A short input can name a long value many times; the limit stops that before
    /// memory is taken for it.
    #[must_use]
    pub const fn output_limit(self, bytes: usize) -> Self {
        let rules = Rules { limit: bytes, ..self.rules };
        Self { rules, ..self }
    }

    /// Returns the expander with `paths`, which select the values of a document that are expanded. In the others a
    /// reference is text.
    ///
    /// A text by itself has no path: [`expand`](Self::expand) and [`explain`](Self::explain) ignore them.
    #[cfg(any(feature = "serde", feature = "yaml"))]
    #[must_use]
    pub const fn paths(self, paths: &'v Paths) -> Self {
        Self { paths: Some(paths), ..self }
    }

    /// Returns `input` with its references replaced, by the [language](crate#the-language) and the rules of the expander.
    ///
    /// The result borrows from `input` if no reference was replaced, and from the variables or the fallback if one
    /// reference is the whole input and the lookup lends its value. In the Compose dialect it also borrows where the
    /// result is one piece of the input, as for `${A:-word}`. Otherwise it is owned.
    ///
    /// # Errors
    ///
    /// - [`Unresolved`](crate::ErrorKind::Unresolved): under [`Unset::Reject`], `${A}/data` if `A` has no value; in the
    ///   Compose dialect, an unset `${A?}` under any setting. The error names every such reference of the input.
    /// - [`Malformed`](crate::ErrorKind::Malformed): in the Compose dialect, `${A` and `${1A}`. It comes before any other,
    ///   and reports only the first such reference, since parsing cannot continue past it.
    /// - [`OutputLimit`](crate::ErrorKind::OutputLimit): with a limit of 4, `$A$A` if the value of `A` is three bytes long.
    ///
    /// No error holds the value of a variable.
    ///
    /// ```
    /// use envref::{ErrorKind, Expander, Unset};
    ///
    /// let vars = [("A", "aaa")];
    /// let expander = Expander::new(&vars);
    ///
    /// let error = expander.on_unset(Unset::Reject).expand("$A $B\n  ${C}").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Unresolved);
    /// assert_eq!(error.to_string(), "unresolved references: $B at 1:4: unset; ${C} at 2:3: unset");
    ///
    /// let error = expander.output_limit(4).expand("$A$A").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::OutputLimit);
    /// assert_eq!(error.to_string(), "expansion longer than the limit of 4 bytes with $A at 1:3");
    /// ```
    #[inline]
    pub fn expand<'a>(&self, input: &'a str) -> Result<Cow<'a, str>, Error>
    where
        'v: 'a,
    {
        if !has_dollar(input) {
            return Ok(Cow::Borrowed(input));
        }
        match self.rules.dialect {
            Dialect::Plain => replace(input, self.lookups, self.rules),
            Dialect::Compose => interpolate(input, self.lookups, self.rules, true),
        }
        .map_err(|stop| self.error(input, &stop))
    }

    /// Returns each reference in `input`, in order, with its place, and where its value comes from or why it has none;
    /// and each [near miss](Provenance::NearMiss). Values are looked up but not kept.
    ///
    /// # Errors
    ///
    /// [`Malformed`](crate::ErrorKind::Malformed): `${A` in the Compose dialect. In the plain dialect no text is malformed.
    ///
    /// ```
    /// use envref::{Expander, Provenance, Reason};
    ///
    /// let vars = [("NAME", "w1")];
    /// let sites = Expander::new(&vars).explain("/srv/$NAME/$HOME?p=${PORT:-80}")?;
    ///
    /// assert_eq!(sites[0].provenance(), Provenance::Vars);
    /// assert_eq!(sites[0].to_string(), "$NAME: from the variables");
    /// assert_eq!(sites[1].provenance(), Provenance::Missing(Reason::Unset));
    /// assert_eq!(sites[2].provenance(), Provenance::NearMiss);
    /// assert_eq!(sites[2].text(), "${PORT:-80}");
    /// # Ok::<(), envref::Error>(())
    /// ```
    pub fn explain(&self, input: &str) -> Result<Explanation, Error> {
        let mut positions = Positions::new(input);
        let place = |site: Site| {
            let position = positions.at(site.span().start);
            site.at(position)
        };
        Ok(Explanation::new(self.sites(input)?.into_iter().map(place).collect(), Vec::new()))
    }

    /// Returns the sites of a text, in order, without positions; an error if the text is malformed.
    pub(crate) fn sites(&self, text: &str) -> Result<Vec<Site>, Error> {
        if !has_dollar(text) {
            return Ok(Vec::new());
        }
        if let Some(malformed) = self.find_malformed(text) {
            return Err(Error::malformed(text, malformed));
        }
        let found = self.resolve_all(text).map(|(it, provenance)| Site::new(&it, text, provenance));
        if self.rules.dialect == Dialect::Compose {
            return Ok(found.collect());
        }
        let near_misses = near_misses(text).map(|span| Site::near_miss(text, span));
        let mut sites: Vec<_> = found.chain(near_misses).collect();
        sites.sort_by_key(|site| site.span().start);
        Ok(sites)
    }

    /// Returns the references of `text`, in order, each with where its value comes from.
    pub(crate) fn resolve_all<'t>(&self, text: &'t str) -> impl Iterator<Item = (Reference<'t>, Provenance)> {
        // Where the last word ends that is not used.
        let mut unused = 0;
        self.rules.dialect.references(text).map(move |reference| {
            if reference.span().start < unused {
                return (reference, Provenance::Unused);
            }
            let (provenance, choice) = self.choose(&reference, is_whole(&reference, text));
            if reference.operator.is_some() && choice != Choice::Word {
                unused = reference.span().end;
            }
            (reference, provenance)
        })
    }

    /// Looks up `reference`, found in `text`, and returns where its value comes from, not the value.
    pub(crate) fn provenance(&self, reference: &Reference<'_>, text: &str) -> Provenance {
        self.choose(reference, is_whole(reference, text)).0
    }

    /// Looks up `reference`, and returns where its value comes from and what takes its place.
    fn choose(&self, reference: &Reference<'_>, is_whole: bool) -> (Provenance, Choice) {
        let name = reference.name();
        let (value, provenance) = self.lookups.resolve(name, is_whole).unzip();
        let choice = Choice::of(reference.operator, value.as_deref());
        let provenance = match (choice, provenance) {
            (Choice::Value, Some(provenance)) => provenance,
            (Choice::Word | Choice::Nothing, _) => Provenance::Word,
            (Choice::Error { is_empty: true }, _) => Provenance::Missing(Reason::Empty),
            _ => Provenance::Missing(self.lookups.reason(name, is_whole)),
        };
        (provenance, choice)
    }

    /// Returns the references of `text` that have to have a value and have none, with the reasons.
    pub(crate) fn rejected<'t>(&self, text: &'t str) -> impl Iterator<Item = (Reference<'t>, Reason)> {
        self.resolve_all(text).filter_map(move |(reference, provenance)| {
            let Provenance::Missing(reason) = provenance else { return None };
            let unset = self.rules.unset.outcome(is_whole(&reference, text));
            let is_rejected = reference.operator.is_some() || matches!(unset, Outcome::Reject);
            is_rejected.then_some((reference, reason))
        })
    }

    /// Turns what stopped an expansion into the error to report.
    #[cold]
    fn error(&self, input: &str, stop: &Stop) -> Error {
        // What is malformed comes first, whatever the variables.
        if let Some(malformed) = self.find_malformed(input) {
            return Error::malformed(input, malformed);
        }
        let mut positions = Positions::new(input);
        let dialect = self.rules.dialect;
        match stop {
            Stop::Malformed(malformed) => Error::malformed(input, *malformed),
            Stop::Unset(first) => {
                let mut rejected: Vec<_> = self.rejected(input).collect();
                // A lookup may change its answers: name what stopped the expansion in any case.
                if !rejected.iter().any(|(it, _)| it.span().start == *first) {
                    let culprit = dialect.references(input).find(|it| it.span().start == *first);
                    rejected.extend(culprit.map(|it| (it, Reason::Unset)));
                    rejected.sort_by_key(|(it, _)| it.span().start);
                }
                let site = |(it, reason): (Reference<'_>, Reason)| {
                    let position = positions.at(it.span().start);
                    Site::new(&it, input, Provenance::Missing(reason)).at(position)
                };
                Error::unresolved(rejected.into_iter().map(site).collect(), Position::of(input, *first))
            }
            Stop::TooLong(at) => {
                // The outermost reference comes first.
                let culprit = dialect.references(input).find(|it| it.span().contains(at));
                let start = culprit.as_ref().map_or(*at, |it| it.span().start);
                let position = positions.at(start);
                let site = culprit.map(|it| Site::new(&it, input, self.provenance(&it, input)).at(position));
                Error::output_limit(self.rules.limit, site, *at..input.len(), position)
            }
        }
    }

    /// Returns the first malformed reference of `text`: never in the plain dialect.
    pub(crate) fn find_malformed(&self, text: &str) -> Option<Malformed> {
        match self.rules.dialect {
            Dialect::Plain => None,
            Dialect::Compose => compose::find_malformed(text),
        }
    }
}

#[cfg(any(feature = "serde", feature = "yaml"))]
impl<L: Lookup + ?Sized, F: Lookup + ?Sized> Expander<'_, L, F> {
    /// Returns the same rules without the types of the lookups.
    pub(crate) fn erase<'e>(&'e self) -> Erased<'e> {
        let vars: &'e dyn Lookup = &self.lookups.vars;
        let fallback = self.lookups.fallback.as_ref().map(|fallback| -> &'e dyn Lookup { fallback });
        Expander { lookups: Lookups { vars, fallback }, rules: self.rules, paths: self.paths }
    }
}

#[cfg(any(feature = "serde", feature = "yaml"))]
impl<'v> Erased<'v> {
    /// Returns the text that takes the place of `token`, a part of `text` that is not malformed, or `None` if it stays as
    /// written. More than `left` bytes are too many.
    #[cfg(feature = "yaml")]
    pub(crate) fn replacement<'t>(
        &self,
        token: &Token<'t>,
        text: &str,
        left: usize,
    ) -> Result<Option<Cow<'t, str>>, Box<Stop>>
    where
        'v: 't,
    {
        let rules = Rules { limit: left, ..self.rules };
        match (token, rules.dialect) {
            (Token::Text(_) | Token::Malformed(_), _) => Ok(None),
            (Token::Escape(_), _) => Ok((rules.unset != Unset::Keep).then_some(Cow::Borrowed("$"))),
            (Token::Reference(reference), Dialect::Compose) => {
                let written = reference.text();
                let value = interpolate(written, self.lookups, rules, is_whole(reference, text))?;
                Ok(if core::ptr::eq(&raw const *value, written) { None } else { Some(value) })
            }
            (Token::Reference(reference), Dialect::Plain) => {
                let is_whole = is_whole(reference, text);
                if let Some((value, _)) = self.lookups.resolve(reference.name(), is_whole) {
                    rules.grow(value.len(), reference.span().start)?;
                    return Ok(Some(value));
                }
                Ok(rules.unset(reference.span().start, is_whole)?.then_some(Cow::Borrowed("")))
            }
        }
    }

    /// Returns the language of texts.
    #[cfg(any(feature = "origins", feature = "yaml"))]
    pub(crate) fn language(&self) -> Dialect {
        self.rules.dialect
    }

    /// Tells whether a reference without a value stays as written, where it is the whole text or not.
    #[cfg(feature = "origins")]
    pub(crate) fn keeps_unset(&self, is_whole: bool) -> bool {
        matches!(self.rules.unset.outcome(is_whole), Outcome::Keep)
    }

    /// Tells whether `text` has a reference or an escape, or is malformed.
    #[cfg(feature = "serde")]
    #[inline]
    pub(crate) fn has_work(&self, text: &str) -> bool {
        match self.rules.dialect {
            Dialect::Plain => Scan::new(text).advance().is_some(),
            Dialect::Compose => self.rules.dialect.tokens(text).any(|token| !matches!(token, Token::Text(_))),
        }
    }

    /// Returns the references of `text`, without those in the words of others.
    #[cfg(feature = "serde")]
    pub(crate) fn references<'t>(&self, text: &'t str) -> impl Iterator<Item = Reference<'t>> {
        let mut end = 0;
        self.rules.dialect.references(text).filter(move |reference| {
            let is_outermost = reference.span().start >= end;
            end = end.max(reference.span().end);
            is_outermost
        })
    }

    /// Returns how long the expanded texts of a document may be, in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.rules.limit
    }

    /// Returns the paths that select the values, or `None` for all values.
    pub(crate) fn selection(&self) -> Option<&'v Paths> {
        self.paths
    }
}

impl<L: ?Sized, F: ?Sized> Clone for Expander<'_, L, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: ?Sized, F: ?Sized> Copy for Expander<'_, L, F> {}

/// The rules are shown, the variables are not.
impl<L: ?Sized, F: ?Sized> fmt::Debug for Expander<'_, L, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Expander");
        debug.field("fallback", &self.lookups.fallback.is_some());
        debug.field("dialect", &self.rules.dialect);
        debug.field("on_unset", &self.rules.unset).field("output_limit", &self.rules.limit);
        #[cfg(any(feature = "serde", feature = "yaml"))]
        debug.field("paths", &self.paths);
        debug.finish_non_exhaustive()
    }
}

/// What values come from.
pub(crate) struct Lookups<'v, L: ?Sized, F: ?Sized> {
    vars: &'v L,
    fallback: Option<&'v F>,
}

impl<L: ?Sized, F: ?Sized> Clone for Lookups<'_, L, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: ?Sized, F: ?Sized> Copy for Lookups<'_, L, F> {}

impl<'v, L: Lookup + ?Sized, F: Lookup + ?Sized> Lookups<'v, L, F> {
    /// Returns the value of the variable `name` and where it comes from: the variables, else the fallback if the reference
    /// is the whole text, else nowhere. The rule is written here and nowhere else.
    #[inline]
    pub(crate) fn resolve(self, name: &str, is_whole: bool) -> Option<(Cow<'v, str>, Provenance)> {
        if let Some(value) = self.vars.value(name) {
            return Some((value, Provenance::Vars));
        }
        let fallback = self.fallback.filter(|_| is_whole)?;
        Some((fallback.value(name)?, Provenance::Fallback))
    }

    /// Returns why [`resolve`](Self::resolve) has no value for `name`.
    #[cold]
    fn reason(self, name: &str, is_whole: bool) -> Reason {
        let reason = match self.fallback {
            Some(fallback) if is_whole => fallback.reason(name),
            Some(_) => Reason::Embedded,
            None if is_whole => Reason::NoFallback,
            None => Reason::Unset,
        };
        reason.or(self.vars.reason(name))
    }
}

/// Tells whether `reference`, found in `text`, is all of it.
#[inline]
fn is_whole(reference: &Reference<'_>, text: &str) -> bool {
    reference.text().len() == text.len()
}

/// What becomes of one reference without a value.
pub(crate) enum Outcome {
    Empty,
    Keep,
    Reject,
}

impl Unset {
    #[inline]
    pub(crate) fn outcome(self, is_whole: bool) -> Outcome {
        match self {
            Self::Default if is_whole => Outcome::Empty,
            Self::Default | Self::Keep => Outcome::Keep,
            Self::Empty => Outcome::Empty,
            Self::Reject => Outcome::Reject,
        }
    }
}

/// What can stop an expansion. Nothing does under the policy [`Plain`], so that [`expand`] has no error.
pub(crate) trait Policy: Copy {
    type Stop;

    /// Decides about the reference at byte `at` of the input, which has no value: whether it becomes empty.
    fn unset(self, at: usize, is_whole: bool) -> Result<bool, Self::Stop>;

    /// Decides about a result of `len` bytes, before it is built. What it ends with comes from byte `at` of the
    /// input.
    fn grow(self, len: usize, at: usize) -> Result<(), Self::Stop>;
}

#[cfg(feature = "std")]
#[derive(Clone, Copy)]
struct Plain;

#[cfg(feature = "std")]
impl Policy for Plain {
    type Stop = Infallible;

    #[inline]
    fn unset(self, _: usize, is_whole: bool) -> Result<bool, Infallible> {
        Ok(is_whole)
    }

    #[inline]
    fn grow(self, _: usize, _: usize) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The policy of an [`Expander`].
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    dialect: Dialect,
    pub(crate) unset: Unset,
    limit: usize,
}

/// What stopped an expansion.
pub(crate) enum Stop {
    /// The reference at this byte of the input has no value.
    Unset(usize),
    /// The text is malformed.
    Malformed(Malformed),
    /// The result outgrew its limit with what is at this byte of the input.
    TooLong(usize),
}

impl Policy for Rules {
    type Stop = Box<Stop>;

    #[inline]
    fn unset(self, at: usize, is_whole: bool) -> Result<bool, Self::Stop> {
        match self.unset.outcome(is_whole) {
            Outcome::Empty => Ok(true),
            Outcome::Keep => Ok(false),
            Outcome::Reject => Err(Box::new(Stop::Unset(at))),
        }
    }

    #[inline]
    fn grow(self, len: usize, at: usize) -> Result<(), Self::Stop> {
        if len > self.limit { Err(Box::new(Stop::TooLong(at))) } else { Ok(()) }
    }
}

/// Expands an `input` that has a `$`.
///
/// Not inlined, so that what calls it is a search for `$`.
#[inline(never)]
fn replace<'a, L, F, P>(
    input: &'a str,
    lookups: Lookups<'a, L, F>,
    policy: P,
) -> Result<Cow<'a, str>, P::Stop>
where
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
    P: Policy,
{
    if let Some(reference) = whole_reference(input) {
        return match lookups.resolve(reference.name(), true) {
            Some((value, _)) => policy.grow(value.len(), 0).map(|()| value),
            None => policy.unset(0, true).map(|empty| Cow::Borrowed(if empty { "" } else { input })),
        };
    }

    let embedded = |name: &str, at| match lookups.resolve(name, false) {
        Some((value, _)) => Ok(Some(value)),
        None => policy.unset(at, false).map(|empty| empty.then_some(Cow::Borrowed(""))),
    };
    let mut references = Scan::new(input);
    // Nothing is written before there is something to replace.
    let (first, value) = loop {
        let Some((_, reference)) = references.advance() else { return Ok(Cow::Borrowed(input)) };
        let start = reference.span().start;
        if let Some(value) = embedded(reference.name(), start)? {
            break (start, value);
        }
    };
    policy.grow(first.saturating_add(value.len()), first)?;
    // Values are often longer than references: with some room to spare, most results never move.
    let mut output = String::with_capacity(value.len() + input.len() + input.len() / 4);
    output.push_str(input.get(..first).unwrap_or_default());
    output.push_str(&value);
    drop(value);

    while let Some((text, reference)) = references.advance() {
        let start = reference.span().start;
        if let Some(value) = embedded(reference.name(), start)? {
            policy.grow(output.len().saturating_add(text.len()).saturating_add(value.len()), start)?;
            output.push_str(text);
            output.push_str(&value);
        } else {
            let kept = start - text.len();
            let text = input.get(kept..references.offset()).unwrap_or_default();
            policy.grow(output.len().saturating_add(text.len()), kept)?;
            output.push_str(text);
        }
    }
    let tail = references.rest();
    policy.grow(output.len().saturating_add(tail.len()), references.offset())?;
    output.push_str(tail);
    Ok(Cow::Owned(output))
}
