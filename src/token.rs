//! The grammar: where references are in a text. It knows nothing of lookups or of what a reference resolves to, and
//! no other file counts braces.
//!
//! Each rule is a function, with its grammar above it. Names are read eight bytes at a time, in a `u64`: their lengths
//! differ, so that a branch for each byte would be guessed wrongly for each name.

#![expect(
    clippy::inline_always,
    reason = "a call for each rule and each word would cost more than what it does"
)]

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

    /// Returns the text up to the next reference, and the reference.
    ///
    /// Inlined, so that the parts of a reference are in registers and those that nobody asks for are not made.
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

/// What a rule makes of an input that begins with what it describes: the rest of the input, and the output.
type Parsed<'a, T> = Option<(&'a str, T)>;

/// ```abnf
/// reference = "$" name / "${" name "}" / "$<" name ">"
/// ```
#[inline(always)]
fn reference(input: &str) -> Parsed<'_, (Form, &str)> {
    if let Some(braced) = input.strip_prefix("${") {
        let (rest, name) = name(braced)?;
        Some((rest.strip_prefix('}')?, (Form::Braced, name)))
    } else if let Some(angled) = input.strip_prefix("$<") {
        let (rest, name) = name(angled)?;
        Some((rest.strip_prefix('>')?, (Form::Angled, name)))
    } else {
        let (rest, name) = name(input.strip_prefix('$')?)?;
        Some((rest, (Form::Bare, name)))
    }
}

/// ```abnf
/// name = (ALPHA / "_") *(ALPHA / DIGIT / "_")
/// ```
///
/// ASCII, the longest match: POSIX XBD 8.1.
#[inline(always)]
fn name(input: &str) -> Parsed<'_, &str> {
    let bytes = input.as_bytes();
    if bytes.first()?.is_ascii_digit() {
        return None;
    }
    let len = find_marked(bytes, mark_end_of_name).unwrap_or(bytes.len());
    if len == 0 {
        return None;
    }
    let (name, rest) = input.split_at_checked(len)?;
    Some((rest, name))
}

/// Returns the reference that `input` is, no more and no less.
#[inline]
pub(crate) fn whole_reference(input: &str) -> Option<Reference<'_>> {
    let (rest, (form, name)) = reference(input)?;
    rest.is_empty().then_some(Reference { name, text: input, form, start: 0 })
}

/// Tells whether there is a `$` in `input`: without one there is no reference.
#[inline]
pub(crate) fn has_dollar(input: &str) -> bool {
    let bytes = input.as_bytes();
    if bytes.len() <= SHORT {
        bytes.first() == Some(&b'$') || find_marked(bytes, mark_dollar).is_some()
    } else {
        memchr::memchr(b'$', bytes).is_some()
    }
}

/// The longest text that is searched sooner here than by a call of memchr.
const SHORT: usize = 32;

/// Finds the first `$`.
///
/// Where there are many references there is little between them, so that the first word is looked at before memchr is
/// called.
#[inline(always)]
fn find_dollar(bytes: &[u8]) -> Option<usize> {
    let Some((near, far)) = bytes.split_first_chunk() else {
        return bytes.iter().position(|byte| *byte == b'$');
    };
    first_marked(mark_dollar(u64::from_le_bytes(*near)))
        .or_else(|| memchr::memchr(b'$', far).map(|at| near.len() + at))
}

/// Finds the first byte that `mark` marks. The bytes are read as words, of which the first byte is the lowest.
#[inline(always)]
fn find_marked(bytes: &[u8], mark: impl Fn(u64) -> u64) -> Option<usize> {
    let first = |word| first_marked(mark(u64::from_le_bytes(word)));
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
        return first(*word).map(|at| bytes.len() - word.len() + at);
    }
    first(short_word(bytes)).filter(|at| *at < bytes.len())
}

/// Not inlined, because a loop within another loop takes registers from it.
#[inline(never)]
fn short_word(bytes: &[u8]) -> [u8; 8] {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    word
}

/// Returns which byte of a word is the first whose high bit is set.
#[inline(always)]
fn first_marked(marks: u64) -> Option<usize> {
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

/// Marks the first `$` in its high bit. What comes after it may be marked wrongly.
#[inline(always)]
fn mark_dollar(word: u64) -> u64 {
    let zero = word ^ every(b'$');
    zero.wrapping_sub(every(1)) & !zero & HIGH
}

/// Marks the first byte that does not continue a name in its high bit. What comes after it may be marked wrongly.
///
/// A sum has the high bit where a byte is at least so much. Bytes of names are ASCII, so that up to the first byte to be
/// marked no sum carries into the next. Each class is where its lower bound holds and the one above it does not, and
/// no byte is in two classes.
#[inline(always)]
fn mark_end_of_name(word: u64) -> u64 {
    let at_least = |bytes: u64, least: u8| bytes.wrapping_add(every(0x80 - least));
    let lower = word | every(b'a' - b'A');
    let letter = at_least(lower, b'a') ^ at_least(lower, b'z' + 1);
    let digit = at_least(word, b'0') ^ at_least(word, b'9' + 1);
    let no_underscore = at_least(word ^ every(b'_'), 1);
    (letter ^ digit ^ no_underscore | word) & HIGH
}

/// The high bit of each byte.
const HIGH: u64 = every(0x80);

/// Returns a word with `byte` in each place.
const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words do what is said of single bytes, whatever byte is in whatever place, and whatever comes after it.
    #[test]
    fn words_find_what_bytes_find() {
        for byte in 0..=u8::MAX {
            for after in [0, b'$', b'A', b'[', 0x80, 0xFF] {
                for len in (1..20).chain(SHORT - 1..SHORT + 2) {
                    for at in 0..len {
                        let mut bytes = vec![after; len];
                        for (earlier, with) in bytes.iter_mut().zip(b"_09azAZ_Qq5".iter().cycle()).take(at) {
                            *earlier = *with;
                        }
                        bytes[at] = byte;
                        let ends_name = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'_';
                        assert_eq!(find_marked(&bytes, mark_end_of_name), bytes.iter().position(ends_name));
                        let dollar = bytes.iter().position(|byte| *byte == b'$');
                        assert_eq!(find_marked(&bytes, mark_dollar), dollar);
                        assert_eq!(find_dollar(&bytes), dollar);
                        if let Ok(text) = core::str::from_utf8(&bytes) {
                            assert_eq!(has_dollar(text), dollar.is_some());
                        }
                    }
                }
            }
        }
    }
}
