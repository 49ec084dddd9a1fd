//! The grammar: where references are in a text. Knows nothing of lookups or of what a reference resolves to. Only this
//! module and `compose` name nom.
//!
//! The rules are values: combinators over two small parsers, with an error that says nothing. Run for their output alone,
//! they compile to what a function written by hand does.

#![expect(clippy::inline_always, reason = "a call for each rule would cost more than what it does")]

#[cfg(feature = "yaml")]
use alloc::borrow::Cow;
use core::fmt;
use core::iter::FusedIterator;
use core::mem;
use core::ops::Range;

use nom::branch::alt;
use nom::sequence::{delimited, preceded};
use nom::{Check, Complete, Emit, Err, Mode, OutputM, OutputMode, PResult, Parser};

use crate::compose::{self, Operator};
use crate::word::{find_dollar, name_len};

/// A language of references. See [the language](crate#the-language) and [the Compose dialect](crate#the-compose-dialect).
///
/// ```
/// use envref::Dialect;
///
/// let names = |dialect: Dialect| -> Vec<_> {
///     dialect.references("$<A> ${B:-$C} $$D").map(|reference| reference.name()).collect()
/// };
/// assert_eq!(names(Dialect::Plain), ["A", "C", "D"]);
/// assert_eq!(names(Dialect::Compose), ["B", "C"]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// `$A`, `${A}` and `$<A>`. No operator, no escape, and no text is malformed.
    #[default]
    Plain,
    /// The interpolation of the Compose specification: `$A`, `${A}`, `${A:-word}` and the other operators, and `$$` for a
    /// `$`.
    Compose,
}

impl Dialect {
    /// Returns the tokens of `input` in order, as [`tokens`] does for the plain dialect. A reference in the word of
    /// another is a part of that one, not a token.
    ///
    /// ```
    /// use envref::{Dialect, Token};
    ///
    /// let tokens: Vec<_> = Dialect::Compose.tokens("$$5 for ${ITEM:-all of $IT}, ${1}!").collect();
    /// let texts: Vec<&str> = tokens.iter().map(Token::text).collect();
    /// assert_eq!(texts, ["$$", "5 for ", "${ITEM:-all of $IT}", ", ", "${1}!"]);
    /// assert!(matches!(tokens[0], Token::Escape(_)));
    /// assert!(matches!(tokens[4], Token::Malformed(_)));
    /// ```
    #[must_use]
    pub fn tokens(self, input: &str) -> Tokens<'_> {
        let (plain, compose) = self.split(input);
        Tokens { scan: Scan::new(plain), pending: None, compose: compose::Tokens::new(compose) }
    }

    /// Returns the references in `input` in order of their `$`, also those in the words of others. They end with what is
    /// malformed.
    #[must_use]
    #[inline]
    pub fn references(self, input: &str) -> References<'_> {
        let (plain, compose) = self.split(input);
        References { scan: Scan::new(plain), compose: compose::References::new(compose) }
    }

    /// Returns `input` for the plain dialect and for Compose: one of the two is empty.
    #[inline]
    fn split(self, input: &str) -> (&str, &str) {
        match self {
            Self::Plain => (input, ""),
            Self::Compose => ("", input),
        }
    }
}

/// Returns the tokens of `input` in order: references, and the text between them.
///
/// The tokens tile the input: joined, their texts are the input, byte for byte. A run of text is one token, however many
/// `$` it holds that begin no reference. No text token is empty.
///
/// The iterator is lazy, allocates nothing, and takes time linear in the length of the input, whatever the input is.
///
/// ```
/// use envref::{Token, tokens};
///
/// let texts: Vec<&str> = tokens("$5 for ${ITEM}").map(|token| token.text()).collect();
/// assert_eq!(texts, ["$5 for ", "${ITEM}"]);
///
/// let Some(Token::Reference(reference)) = tokens("$5 for ${ITEM}").nth(1) else { panic!() };
/// assert_eq!(reference.name(), "ITEM");
/// assert_eq!(reference.span(), 7..14);
/// ```
#[must_use]
pub fn tokens(input: &str) -> Tokens<'_> {
    Dialect::Plain.tokens(input)
}

/// Returns the references in `input` in order, without the text between them.
///
/// ```
/// use envref::{Form, references};
///
/// let found: Vec<_> = references("$A ${B} $<C> $5 ${1D} ${E:-e}")
///     .map(|reference| (reference.name(), reference.form()))
///     .collect();
/// assert_eq!(found, [("A", Form::Bare), ("B", Form::Braced), ("C", Form::Angled)]);
/// ```
#[must_use]
#[inline]
pub fn references(input: &str) -> References<'_> {
    Dialect::Plain.references(input)
}

/// A piece of an input: a reference, or text that holds none. Made by [`tokens`] and [`Dialect::tokens`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Token<'a> {
    /// Text: the longest run up to the next reference or the end of the input.
    Text(Text<'a>),
    /// A reference to a variable.
    Reference(Reference<'a>),
    /// `$$`, which stands for a `$`, in the Compose dialect.
    Escape(Text<'a>),
    /// A `${` that begins no reference, and the rest of the input, in the Compose dialect.
    Malformed(Text<'a>),
}

impl<'a> Token<'a> {
    /// Returns the token as written in the input.
    #[must_use]
    pub fn text(&self) -> &'a str {
        match self {
            Self::Text(text) | Self::Escape(text) | Self::Malformed(text) => text.text(),
            Self::Reference(reference) => reference.text(),
        }
    }

    /// Returns where the token is in the input, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::Text(text) | Self::Escape(text) | Self::Malformed(text) => text.span(),
            Self::Reference(reference) => reference.span(),
        }
    }
}

/// A run of text without a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
}

impl<'a> Text<'a> {
    /// Returns the text. It is never empty.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns where the text is in the input, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// A reference to a variable, such as `${HOME}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    pub(crate) form: Form,
    pub(crate) operator: Option<Operator>,
    pub(crate) start: usize,
}

impl<'a> Reference<'a> {
    /// Returns the name of the variable: `HOME` for `${HOME}`.
    ///
    /// It is a name in the sense of POSIX XBD 3, *Name*, in ASCII: a letter or an underscore, then letters, digits and
    /// underscores. It is never empty.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Returns how the reference is written.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Returns the operator and the word behind the name: `:-` and `8080` for `${PORT:-8080}`. `None` if there is no
    /// operator, as always in the plain dialect.
    ///
    /// ```
    /// use envref::{Action, Dialect};
    ///
    /// let port = Dialect::Compose.references("${PORT:-8080}").next().unwrap();
    /// let (operator, word) = port.operator().unwrap();
    /// assert_eq!((operator.action(), operator.has_colon(), word), (Action::Default, true, "8080"));
    /// ```
    #[must_use]
    pub fn operator(&self) -> Option<(Operator, &'a str)> {
        let operator = self.operator?;
        Some((operator, operator.word_of(self.text, self.name)))
    }

    /// Returns the reference for messages: as written, but without its word.
    #[cfg(feature = "yaml")]
    pub(crate) fn shown(&self) -> Cow<'a, str> {
        compose::shown(self.text, self.name, self.operator)
    }

    /// Returns the reference as written, from its `$` to the end of its name or its closing bracket.
    #[must_use]
    #[inline]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns where the reference is in the input, in bytes, including the `$` and the brackets.
    #[must_use]
    #[inline]
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// The reference as written.
impl AsRef<str> for Reference<'_> {
    fn as_ref(&self) -> &str {
        self.text
    }
}

/// The reference as written.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text)
    }
}

/// How a reference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// `$NAME`
    Bare,
    /// `${NAME}`
    Braced,
    /// `$<NAME>`
    Angled,
}

/// The iterator that [`tokens`] and [`Dialect::tokens`] return.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    /// The plain dialect. It or the other one has an empty input.
    scan: Scan<'a>,
    /// A reference that is due after the text before it.
    pending: Option<Reference<'a>>,
    compose: compose::Tokens<'a>,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(reference) = self.pending.take() {
            return Some(Token::Reference(reference));
        }
        let Some((text, reference)) = self.scan.advance() else {
            let text = mem::take(&mut self.scan.rest);
            let start = self.scan.len - text.len();
            let last = (!text.is_empty()).then_some(Token::Text(Text { text, start }));
            return last.or_else(|| self.compose.next());
        };
        if text.is_empty() {
            return Some(Token::Reference(reference));
        }
        self.pending = Some(reference);
        Some(Token::Text(Text { text, start: reference.start - text.len() }))
    }
}

impl FusedIterator for Tokens<'_> {}

/// The iterator that [`references`] and [`Dialect::references`] return.
#[derive(Debug, Clone)]
pub struct References<'a> {
    /// The plain dialect. It or the other one has an empty input.
    scan: Scan<'a>,
    compose: compose::References<'a>,
}

impl<'a> Iterator for References<'a> {
    type Item = Reference<'a>;

    /// Inlined, so that the compiler sees that a loop over the references of the plain dialect has no other part: that
    /// its input is empty never changes, as long as nothing borrows it.
    #[inline(always)]
    fn next(&mut self) -> Option<Reference<'a>> {
        if let Some((_, reference)) = self.scan.advance() {
            return Some(reference);
        }
        if self.compose.is_empty() {
            return None;
        }
        let (reference, rest) = self.compose.advance();
        self.compose = rest;
        reference
    }
}

impl FusedIterator for References<'_> {}

/// Finds the references of the plain dialect.
#[derive(Debug, Clone)]
pub(crate) struct Scan<'a> {
    /// The length of the input.
    len: usize,
    /// The input after the last reference handed out.
    rest: &'a str,
}

impl<'a> Scan<'a> {
    #[inline]
    pub(crate) fn new(input: &'a str) -> Self {
        Self { len: input.len(), rest: input }
    }

    /// Returns the text after the last reference handed out.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Returns where that text begins, in bytes.
    pub(crate) fn offset(&self) -> usize {
        self.len - self.rest.len()
    }

    /// Returns the text up to the next reference, and the reference.
    ///
    /// Inlined, so that the parts of a reference stay in registers, and those that nobody asks for are not made.
    #[inline(always)]
    pub(crate) fn advance(&mut self) -> Option<(&'a str, Reference<'a>)> {
        let mut offset = find_dollar(self.rest.as_bytes())?;
        loop {
            let (before, from_dollar) = self.rest.split_at_checked(offset)?;
            if let Some((rest, (form, name))) = read_reference(from_dollar) {
                let text = from_dollar.get(..from_dollar.len() - rest.len()).unwrap_or_default();
                let start = self.len - from_dollar.len();
                self.rest = rest;
                return Some((before, Reference { name, text, form, operator: None, start }));
            }
            offset += 1 + find_dollar(self.rest.as_bytes().get(offset + 1..)?)?;
        }
    }
}

/// ```abnf
/// reference = "${" name "}" / "$<" name ">" / "$" name
/// ```
#[inline(always)]
fn reference<'a>() -> impl Parser<&'a str, Output = (Form, &'a str), Error = ()> {
    alt((
        delimited(Literal("${"), Name, Literal("}")).map(|name| (Form::Braced, name)),
        delimited(Literal("$<"), Name, Literal(">")).map(|name| (Form::Angled, name)),
        preceded(Literal("$"), Name).map(|name| (Form::Bare, name)),
    ))
}

/// A text that has to be there literally.
pub(crate) struct Literal(pub(crate) &'static str);

impl<'a> Parser<&'a str> for Literal {
    type Output = ();
    type Error = ();

    #[inline(always)]
    fn process<OM: OutputMode>(&mut self, input: &'a str) -> PResult<OM, &'a str, (), ()> {
        match input.strip_prefix(self.0) {
            Some(rest) => Ok((rest, OM::Output::bind(|| ()))),
            None => Err(Err::Error(OM::Error::bind(|| ()))),
        }
    }
}

/// ```abnf
/// name = (ALPHA / "_") *(ALPHA / DIGIT / "_")
/// ```
///
/// ASCII, the longest match: POSIX XBD 3, *Name*.
pub(crate) struct Name;

impl<'a> Parser<&'a str> for Name {
    type Output = &'a str;
    type Error = ();

    #[inline(always)]
    fn process<OM: OutputMode>(&mut self, input: &'a str) -> PResult<OM, &'a str, &'a str, ()> {
        let bytes = input.as_bytes();
        let begins = bytes.first().is_some_and(|first| !first.is_ascii_digit());
        let len = if begins { name_len(bytes) } else { 0 };
        match input.split_at_checked(len) {
            Some((name, rest)) if len > 0 => Ok((rest, OM::Output::bind(|| name))),
            _ => Err(Err::Error(OM::Error::bind(|| ()))),
        }
    }
}

/// Reads the reference that `input` begins with, and returns what comes after it, and its form and name.
#[inline(always)]
fn read_reference(input: &str) -> Option<(&str, (Form, &str))> {
    reference().process::<OutputM<Emit, Check, Complete>>(input).ok()
}

/// Returns the reference that `input` is, no more and no less.
#[inline(always)]
pub(crate) fn whole_reference(input: &str) -> Option<Reference<'_>> {
    let (rest, (form, name)) = read_reference(input)?;
    rest.is_empty().then_some(Reference { name, text: input, form, operator: None, start: 0 })
}

/// Returns the name that `input` begins with, which may be empty.
pub(crate) fn name_of(input: &str) -> &str {
    Name.process::<OutputM<Emit, Check, Complete>>(input).map_or("", |(_, name)| name)
}
