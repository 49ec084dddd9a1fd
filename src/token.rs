//! The grammar: where references are in a text. It knows nothing of lookups or of what a reference resolves to, and
//! no other file names nom or counts braces.

use core::iter::FusedIterator;
use core::mem;
use core::ops::Range;

/// Returns the tokens of `input` in order: references, and the text between them.
///
/// The tokens tile the input: their texts joined are the input, byte for byte. A run of text is one token, however many
/// `$` it holds that begin no reference, and no text token is empty.
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
    Tokens { references: references(input), pending: None }
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
    References { len: input.len(), rest: input }
}

/// A piece of an input: a reference, or text that holds none. Made by [`tokens`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Token<'a> {
    /// Text as it stands: the longest run up to the next reference or the end of the input.
    Text(Text<'a>),
    /// A reference to a variable.
    Reference(Reference<'a>),
}

impl<'a> Token<'a> {
    /// Returns the token as written in the input.
    #[must_use]
    pub fn text(&self) -> &'a str {
        match self {
            Self::Text(text) => text.text(),
            Self::Reference(reference) => reference.text(),
        }
    }

    /// Returns where the token stands in the input, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::Text(text) => text.span(),
            Self::Reference(reference) => reference.span(),
        }
    }
}

/// A run of text without a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Text<'a> {
    /// Returns the text. It is never empty.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns where the text stands in the input, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// A reference to a variable, such as `${HOME}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    name: &'a str,
    text: &'a str,
    form: Form,
    start: usize,
}

impl<'a> Reference<'a> {
    /// Returns the name of the variable: `HOME` for `${HOME}`.
    ///
    /// It is a name in the sense of POSIX XBD 8.1, in ASCII: a letter or an underscore, then letters, digits and
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

    /// Returns the reference as written, from its `$` to the end of its name or its closing bracket.
    #[must_use]
    #[inline]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns where the reference stands in the input, in bytes, the `$` and the brackets included.
    #[must_use]
    #[inline]
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
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

/// The iterator that [`tokens`] returns.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    references: References<'a>,
    /// A reference that is due after the text before it.
    pending: Option<Reference<'a>>,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(reference) = self.pending.take() {
            return Some(Token::Reference(reference));
        }
        let Some((text, reference)) = self.references.advance() else {
            let text = mem::take(&mut self.references.rest);
            let start = self.references.len - text.len();
            return (!text.is_empty()).then_some(Token::Text(Text { text, start }));
        };
        if text.is_empty() {
            return Some(Token::Reference(reference));
        }
        self.pending = Some(reference);
        Some(Token::Text(Text { text, start: reference.start - text.len() }))
    }
}

impl FusedIterator for Tokens<'_> {}

/// The iterator that [`references`] returns.
#[derive(Debug, Clone)]
pub struct References<'a> {
    /// The length of the input.
    len: usize,
    /// The input after the last reference handed out.
    rest: &'a str,
}

impl<'a> References<'a> {
    /// Returns the text after the last reference handed out.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Returns the next reference, and the text between the last one and it.
    #[inline(always)]
    pub(crate) fn advance(&mut self) -> Option<(&'a str, Reference<'a>)> {
        let mut offset = find_dollar(self.rest.as_bytes())?;
        loop {
            let (before, from_dollar) = self.rest.split_at_checked(offset)?;
            if let Some((rest, (form, name))) = reference(from_dollar) {
                let text = from_dollar.get(..from_dollar.len() - rest.len()).unwrap_or_default();
                let start = self.len - from_dollar.len();
                self.rest = rest;
                return Some((before, Reference { name, text, form, start }));
            }
            offset += 1 + find_dollar(self.rest.as_bytes().get(offset + 1..)?)?;
        }
    }
}

impl<'a> Iterator for References<'a> {
    type Item = Reference<'a>;

    #[inline]
    fn next(&mut self) -> Option<Reference<'a>> {
        self.advance().map(|(_, reference)| reference)
    }
}

impl FusedIterator for References<'_> {}

#[inline(always)]
fn reference(input: &str) -> Option<(&str, (Form, &str))> {
    if let Some(after) = input.strip_prefix("${") {
        let (rest, name) = name(after)?;
        Some((rest.strip_prefix('}')?, (Form::Braced, name)))
    } else if let Some(after) = input.strip_prefix("$<") {
        let (rest, name) = name(after)?;
        Some((rest.strip_prefix('>')?, (Form::Angled, name)))
    } else {
        let (rest, name) = name(input.strip_prefix('$')?)?;
        Some((rest, (Form::Bare, name)))
    }
}

#[inline(always)]
fn name(input: &str) -> Option<(&str, &str)> {
    let bytes = input.as_bytes();
    if bytes.first()?.is_ascii_digit() {
        return None;
    }
    let len = find_marked(bytes, mark_ends_of_name).unwrap_or(bytes.len());
    if len == 0 {
        return None;
    }
    let (name, rest) = input.split_at_checked(len)?;
    Some((rest, name))
}

/// Tells whether there is a `$` in `input`: without one there is no reference.
#[inline]
pub(crate) fn has_dollar(input: &str) -> bool {
    let bytes = input.as_bytes();
    if bytes.first() == Some(&b'$') {
        true
    } else if bytes.len() <= 2 * NEAR { find_marked(bytes, mark_dollars).is_some() } else { memchr::memchr(b'$', bytes).is_some() }
}

/// Finds the first `$`. Most texts are short, and the references of a text are often close to each other, so that the
/// first words are looked at right here; memchr is for what comes after.
#[inline]
fn find_dollar(bytes: &[u8]) -> Option<usize> {
    if let Some((near, far)) = bytes.split_first_chunk() {
        let marks = mark_dollars(u64::from_le_bytes(*near));
        if marks != 0 {
            return Some(first(marks));
        }
        return memchr::memchr(b'$', far).map(|at| near.len() + at);
    }
    bytes.iter().position(|byte| *byte == b'$')
}

/// The index of the lowest byte with a mark.
fn first(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

const NEAR: usize = 16;

/// A word with this byte in each place.
const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

const HIGH: u64 = every(0x80);

/// Marks the first `$` in its high bit. What comes after the first may be marked wrongly.
fn mark_dollars(word: u64) -> u64 {
    let zeros = word ^ every(b'$');
    zeros.wrapping_sub(every(1)) & !zeros & HIGH
}

/// Marks the first byte that does not continue a name in its high bit. What comes after it may be marked wrongly.
///
/// Each sum has the high bit if the byte is at least so much, and up to the first byte to mark, none carries into the
/// next. Letters and digits are where one bound holds and the next does not; no byte is two of letter, digit and underscore.
#[inline(always)]
fn mark_ends_of_name(word: u64) -> u64 {
    let at_least = |bytes: u64, least: u8| bytes.wrapping_add(every(0x80 - least));
    let lower = word | every(0x20);
    let letter = at_least(lower, b'a') ^ at_least(lower, b'z' + 1);
    let digit = at_least(word, b'0') ^ at_least(word, b'9' + 1);
    let no_underscore = at_least(word ^ every(b'_'), 1);
    (letter ^ digit ^ no_underscore | word) & HIGH
}

/// Finds the first byte that `mark` marks, eight at a time.
#[inline(always)]
fn find_marked(bytes: &[u8], mark: impl Fn(u64) -> u64) -> Option<usize> {
    let first = |word: [u8; 8]| {
        let marks = mark(u64::from_le_bytes(word));
        (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
    };
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        if let Some(at) = first(*word) {
            return Some(bytes.len() - rest.len() + at);
        }
        rest = after;
    }
    if rest.is_empty() {
        return None;
    }
    // The last word overlaps the one before it, in which nothing is marked, or has zeros after the end.
    if let Some(word) = bytes.last_chunk() {
        return first(*word).map(|at| bytes.len() - 8 + at);
    }
    first(read_short(bytes)).filter(|at| *at < bytes.len())
}

/// Not inlined, because a loop in the midst of another takes its registers.
#[inline(never)]
fn read_short(bytes: &[u8]) -> [u8; 8] {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    word
}
