//! The grammar: where references are in a text. It knows nothing of lookups or of what a reference resolves to, and
//! no other file names nom or counts braces.

use core::iter::FusedIterator;
use core::ops::Range;

use nom::bytes::take_while;
use nom::character::{char, satisfy};
use nom::combinator::recognize;
use nom::sequence::delimited;
use nom::{IResult, Parser};

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
    Tokens { references: references(input), at: 0, pending: None }
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
pub fn references(input: &str) -> References<'_> {
    References { input, at: 0 }
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
    text: &'a str,
    name: &'a str,
    form: Form,
    start: usize,
}

impl<'a> Reference<'a> {
    /// Returns the name of the variable: `HOME` for `${HOME}`.
    ///
    /// It is a name in the sense of POSIX XBD 8.1, in ASCII: a letter or an underscore, then letters, digits and
    /// underscores. It is never empty.
    #[must_use]
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
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns where the reference stands in the input, in bytes, the `$` and the brackets included.
    #[must_use]
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
    /// What comes before this byte has been handed out.
    at: usize,
    /// A reference that is due after the text before it.
    pending: Option<Reference<'a>>,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let reference = self.pending.take().or_else(|| self.references.next());
        let input = self.references.input;
        let until = reference.map_or(input.len(), |reference| reference.start);
        if self.at < until {
            let text = input.get(self.at..until)?;
            let start = self.at;
            self.at = until;
            self.pending = reference;
            return Some(Token::Text(Text { text, start }));
        }
        let reference = reference?;
        self.at = reference.span().end;
        Some(Token::Reference(reference))
    }
}

impl FusedIterator for Tokens<'_> {}

/// The iterator that [`references`] returns.
#[derive(Debug, Clone)]
pub struct References<'a> {
    input: &'a str,
    /// Where to look for the next `$`.
    at: usize,
}

impl<'a> Iterator for References<'a> {
    type Item = Reference<'a>;

    fn next(&mut self) -> Option<Reference<'a>> {
        loop {
            let rest = self.input.as_bytes().get(self.at..)?;
            let Some(offset) = find_dollar(rest) else {
                self.at = self.input.len();
                return None;
            };
            let start = self.at + offset;
            if let Some(reference) = reference(self.input, start) {
                self.at = reference.span().end;
                return Some(reference);
            }
            self.at = start + 1;
        }
    }
}

impl FusedIterator for References<'_> {}

/// Tells whether there is a `$` in `text`, without which it holds no reference.
///
/// Most values are short, and for those a call costs more than looking at eight bytes at a time.
#[cfg(feature = "serde")]
#[inline]
pub(crate) fn has_dollar(text: &str) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);
    const DOLLARS: u64 = u64::from_ne_bytes([b'$'; 8]);
    let bytes = text.as_bytes();
    if bytes.len() > 64 {
        return find_dollar(bytes).is_some();
    }
    let mut words = bytes.chunks_exact(8);
    // A byte is zero where there is a `$`; the high bit of the lowest such byte survives.
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH_BITS != 0;
    words.any(|word| <[u8; 8]>::try_from(word).is_ok_and(|word| has_zero(u64::from_ne_bytes(word) ^ DOLLARS)))
        || words.remainder().contains(&b'$')
}

/// Finds the first `$`.
#[inline]
fn find_dollar(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'$', bytes)
}

/// Reads the reference whose `$` is at byte `start` of `input`:
///
/// ```abnf
/// reference = "$" name / "${" name "}" / "$<" name ">"
/// ```
fn reference(input: &str, start: usize) -> Option<Reference<'_>> {
    let after_dollar = input.get(start + 1..)?;
    let (form, parsed) = match after_dollar.as_bytes().first()? {
        b'{' => (Form::Braced, braced(after_dollar)),
        b'<' => (Form::Angled, angled(after_dollar)),
        _ => (Form::Bare, name(after_dollar)),
    };
    let (rest, name) = parsed.ok()?;
    let text = input.get(start..input.len() - rest.len())?;
    Some(Reference { text, name, form, start })
}

/// A rule's error carries nothing: what is no reference is text.
type Parsed<'a> = IResult<&'a str, &'a str, ()>;

/// ```abnf
/// braced = "{" name "}"
/// ```
fn braced(input: &str) -> Parsed<'_> {
    delimited(char('{'), name, char('}')).parse_complete(input)
}

/// ```abnf
/// angled = "<" name ">"
/// ```
fn angled(input: &str) -> Parsed<'_> {
    delimited(char('<'), name, char('>')).parse_complete(input)
}

/// ```abnf
/// name = (ALPHA / "_") *(ALPHA / DIGIT / "_")
/// ```
///
/// ASCII, the longest match: POSIX XBD 8.1.
fn name(input: &str) -> Parsed<'_> {
    recognize((satisfy(starts_name), take_while(continues_name))).parse_complete(input)
}

fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
