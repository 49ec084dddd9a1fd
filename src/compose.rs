//! The grammar of the Compose dialect: single steps as nom rules, and a loop that knows in which references a word is
//! open. Knows nothing of lookups or of what a reference resolves to.
//!
//! ```abnf
//! text      = *( escape / reference / char )
//! reference = "$" name / "${" name [ operator word ] "}"
//! operator  = [ ":" ] ( "-" / "?" / "+" )
//! word      = *( escape / reference / "{" word "}" / wchar )
//! escape    = "$$"
//! char      = any; a "$" only where it begins no escape, no name and no "${"
//! wchar     = char except "{" and "}"
//! ```
//!
//! Words nest, and a rule that calls itself could be made to overflow the stack. So a rule reads one step, such as `${A:-`,
//! and a word has 64 levels at most: a stack of bits.

#![expect(clippy::inline_always, reason = "a call for each rule would cost more than what it does")]

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::ops::Range;

use nom::branch::alt;
use nom::combinator::opt;
use nom::sequence::preceded;
use nom::{Check, Complete, Emit, OutputM, Parser};

use crate::token::{Form, Literal, Name, Reference, Text, Token, name_of};
use crate::word::find_dollar;

/// The operator after the name of a reference, in the Compose dialect: `:-` in `${PORT:-8080}`. See
/// [`Reference::operator`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    action: Action,
    has_colon: bool,
}

impl Operator {
    /// Returns what the operator does.
    #[must_use]
    pub fn action(self) -> Action {
        self.action
    }

    /// Tells whether the operator begins with a colon, so that an empty variable counts as unset.
    #[must_use]
    pub fn has_colon(self) -> bool {
        self.has_colon
    }

    /// Returns the operator as written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self.has_colon, self.action) {
            (true, Action::Default) => ":-",
            (false, Action::Default) => "-",
            (true, Action::Require) => ":?",
            (false, Action::Require) => "?",
            (true, Action::Replace) => ":+",
            (false, Action::Replace) => "+",
        }
    }

    /// Returns the word of the reference `text` to the variable `name`, which has this operator.
    pub(crate) fn word_of<'t>(self, text: &'t str, name: &str) -> &'t str {
        let start = "${".len() + name.len() + self.as_str().len();
        text.get(start..text.len().saturating_sub("}".len())).unwrap_or_default()
    }
}

/// Returns a reference for messages: `${PORT:-…}`. A word may hold anything, and be of any length.
pub(crate) fn shown<'t>(text: &'t str, name: &str, operator: Option<Operator>) -> Cow<'t, str> {
    match operator {
        Some(operator) if !operator.word_of(text, name).is_empty() => {
            Cow::Owned(format!("${{{name}{operator}…}}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// The operator as written.
impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What an [`Operator`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// `${A-word}`, `${A:-word}`: the word takes the place of a variable that is unset.
    Default,
    /// `${A?word}`, `${A:?word}`: it is an error if the variable is unset. The word is its message.
    Require,
    /// `${A+word}`, `${A:+word}`: the word takes the place of a variable that is set. Otherwise the result is empty.
    Replace,
}

/// One step of a text. What is between two steps is text.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    /// `$$`
    Escape,
    /// `$name` or `${name}`; or, if there is an operator, the start of a reference, up to its word.
    Reference { name: &'a str, form: Form, operator: Option<Operator> },
    /// The `}` behind the word of a reference.
    Close,
    /// What cannot be read, and all that follows.
    Malformed(Malformed),
}

/// A reference that is malformed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Malformed {
    /// Where it is, from its `$` to the end of its name, in bytes.
    start: usize,
    end: usize,
    fault: Fault,
}

impl Malformed {
    pub(crate) fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Tells whether it has no end.
    #[cfg(feature = "yaml")]
    pub(crate) fn is_unclosed(&self) -> bool {
        matches!(self.fault, Fault::Unclosed)
    }

    /// Says which one it is. What is shown of it is its name.
    pub(crate) fn message(&self, text: &str) -> String {
        let shown = text.get(self.span()).unwrap_or_default();
        format!("malformed reference {shown}…")
    }

    /// Says why it is malformed, and what to write instead: first `advice`, if there is any.
    pub(crate) fn reason(&self, advice: Option<&str>) -> String {
        let (advice, separator) = advice.map(|it| (it, "; ")).unwrap_or_default();
        format!("{} ({advice}{separator}write $$ for a literal $)", self.fault)
    }
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    NoName,
    NoOperator,
    Unclosed,
    TooDeep,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoName => "what follows ${ is not a name",
            Self::NoOperator => "neither } nor one of :- - :? ? :+ + after the name",
            Self::Unclosed => "no } closes it",
            Self::TooDeep => "braces in it are nested deeper than 64 levels",
        })
    }
}

/// Reads a text step by step, in linear time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps<'a> {
    input: &'a str,
    /// Where the last step ended.
    end: usize,
    /// How many braces are open, and the innermost ones in the lowest bits: 1 for a reference, 0 for a brace in a word.
    depth: u32,
    open: u64,
    /// Where the outermost open reference begins.
    outermost: usize,
}

impl<'a> Steps<'a> {
    #[inline]
    pub(crate) fn new(input: &'a str) -> Self {
        Self { input, end: 0, depth: 0, open: 0, outermost: 0 }
    }

    /// Returns the next step and where it is, in bytes.
    #[inline(always)]
    pub(crate) fn advance(&mut self) -> Option<(Range<usize>, Step<'a>)> {
        let mut at = self.end;
        loop {
            let Some(found) = self.find(at) else {
                let is_open = self.depth > 0;
                return is_open.then(|| self.malformed(self.outermost, Fault::Unclosed));
            };
            at = found;
            let rest = self.input.get(at..)?;
            match rest.as_bytes().first() {
                Some(b'{') if !self.push(false) => {
                    return Some(self.malformed(self.outermost, Fault::TooDeep));
                }
                Some(b'}') if self.pop() => return Some(self.found(at, at + 1, Step::Close)),
                Some(b'$') => match read_step(rest) {
                    Some((after, step)) => {
                        if let Step::Reference { operator: Some(_), .. } = step {
                            if self.depth == 0 {
                                self.outermost = at;
                            }
                            if !self.push(true) {
                                return Some(self.malformed(self.outermost, Fault::TooDeep));
                            }
                        }
                        return Some(self.found(at, self.input.len() - after.len(), step));
                    }
                    None if rest.starts_with("${") => return Some(self.malformed(at, fault(rest))),
                    None => {}
                },
                _ => {}
            }
            at += 1;
        }
    }

    /// Passes the rest of the reference whose operator was the last step, and returns where it ends, in bytes.
    pub(crate) fn close(&mut self) -> Result<usize, Malformed> {
        let outside = self.depth.saturating_sub(1);
        loop {
            match self.advance() {
                Some((span, Step::Close)) if self.depth == outside => return Ok(span.end),
                Some((_, Step::Malformed(malformed))) => return Err(malformed),
                Some(_) => {}
                // Not with a word open.
                None => return Ok(self.end),
            }
        }
    }

    /// Returns where the next `$` is from byte `at` on or, in a word, the next brace.
    #[inline(always)]
    fn find(&self, at: usize) -> Option<usize> {
        let rest = self.input.as_bytes().get(at..)?;
        let len = if self.depth == 0 { find_dollar(rest) } else { memchr::memchr3(b'$', b'{', b'}', rest) };
        Some(at + len?)
    }

    /// Opens a brace, and tells whether there was room for it.
    #[inline(always)]
    fn push(&mut self, is_reference: bool) -> bool {
        if self.depth == u64::BITS {
            return false;
        }
        self.open = self.open << 1 | u64::from(is_reference);
        self.depth += 1;
        true
    }

    /// Closes a brace, and tells whether it was that of a reference.
    #[inline(always)]
    fn pop(&mut self) -> bool {
        let is_reference = self.open & 1 == 1;
        self.open >>= 1;
        self.depth = self.depth.saturating_sub(1);
        is_reference
    }

    #[inline(always)]
    fn found(&mut self, start: usize, end: usize, step: Step<'a>) -> (Range<usize>, Step<'a>) {
        self.end = end;
        (start..end, step)
    }

    /// Returns the last step: the reference at byte `start` is malformed, and so is what follows.
    #[cold]
    fn malformed(&mut self, start: usize, fault: Fault) -> (Range<usize>, Step<'a>) {
        self.end = self.input.len();
        self.depth = 0;
        let name_start = start + "${".len();
        let name = name_of(self.input.get(name_start..).unwrap_or_default());
        let malformed = Malformed { start, end: name_start + name.len(), fault };
        (start..self.end, Step::Malformed(malformed))
    }

    /// Returns the reference at `start`, that ends at `end`.
    fn reference(
        &self,
        Range { start, end }: Range<usize>,
        (name, form, operator): (&'a str, Form, Option<Operator>),
    ) -> Reference<'a> {
        Reference { name, text: self.input.get(start..end).unwrap_or_default(), form, operator, start }
    }
}

/// Returns the reference that `input` is, no more and no less.
pub(crate) fn whole_reference(input: &str) -> Option<Reference<'_>> {
    if !input.starts_with('$') {
        return None;
    }
    match Tokens::new(input).next()? {
        Token::Reference(reference) if reference.text().len() == input.len() => Some(reference),
        _ => None,
    }
}

/// Returns the first malformed reference of `input`.
pub(crate) fn find_malformed(input: &str) -> Option<Malformed> {
    let mut steps = Steps::new(input);
    while let Some((_, step)) = steps.advance() {
        if let Step::Malformed(malformed) = step {
            return Some(malformed);
        }
    }
    None
}

/// The tokens of an input: what is not within a word.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    steps: Steps<'a>,
    /// A token that is due after the text before it.
    pending: Option<Token<'a>>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(input: &'a str) -> Self {
        Self { steps: Steps::new(input), pending: None }
    }

    fn text(&self, start: usize, end: usize) -> Text<'a> {
        Text { text: self.steps.input.get(start..end).unwrap_or_default(), start }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    /// Cold, so that the tokens of the plain dialect, which call it at their end, cost nothing more.
    #[cold]
    #[inline(never)]
    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(token) = self.pending.take() {
            return Some(token);
        }
        let before = self.steps.end;
        let Some((Range { start, end }, step)) = self.steps.advance() else {
            self.steps.end = self.steps.input.len();
            let text = self.text(before, self.steps.end);
            return (!text.text.is_empty()).then_some(Token::Text(text));
        };
        let token = match step {
            Step::Escape => Token::Escape(self.text(start, end)),
            Step::Reference { name, form, operator } => {
                let end = if operator.is_some() { self.steps.close() } else { Ok(end) };
                match end {
                    Ok(end) => Token::Reference(self.steps.reference(start..end, (name, form, operator))),
                    Err(_) => Token::Malformed(self.text(start, self.steps.end)),
                }
            }
            Step::Close | Step::Malformed(_) => Token::Malformed(self.text(start, end)),
        };
        if start == before {
            return Some(token);
        }
        self.pending = Some(token);
        Some(Token::Text(self.text(before, start)))
    }
}

/// The references of an input, with those in words.
///
/// Each is read to its end before what is in it: no more than 64 times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct References<'a> {
    steps: Steps<'a>,
}

impl<'a> References<'a> {
    #[inline]
    pub(crate) fn new(input: &'a str) -> Self {
        Self { steps: Steps::new(input) }
    }

    /// Tells whether the input is empty.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.input.is_empty()
    }

    /// Returns the next reference, and what comes after it.
    ///
    /// It borrows nothing, and is cold, so that a loop over the references of the plain dialect, which may call it at its
    /// end, stays tight.
    #[cold]
    #[inline(never)]
    pub(crate) fn advance(mut self) -> (Option<Reference<'a>>, Self) {
        while let Some((Range { start, mut end }, step)) = self.steps.advance() {
            if let Step::Reference { name, form, operator } = step {
                if operator.is_some() {
                    let mut ahead = self.steps;
                    let Ok(closed) = ahead.close() else {
                        self.steps = ahead;
                        return (None, self);
                    };
                    end = closed;
                }
                return (Some(self.steps.reference(start..end, (name, form, operator))), self);
            }
        }
        self.steps.end = self.steps.input.len();
        (None, self)
    }
}

/// ```abnf
/// step = "$$" / "${" name ( "}" / operator ) / "$" name
/// ```
#[inline(always)]
fn step<'a>() -> impl Parser<&'a str, Output = Step<'a>, Error = ()> {
    let closed_or_operator = || alt((Literal("}").map(|()| None), operator().map(Some)));
    alt((
        Literal("$$").map(|()| Step::Escape),
        preceded(Literal("${"), (Name, closed_or_operator())).map(|(name, operator)| Step::Reference {
            name,
            form: Form::Braced,
            operator,
        }),
        preceded(Literal("$"), Name).map(|name| Step::Reference { name, form: Form::Bare, operator: None }),
    ))
}

/// ```abnf
/// operator = [ ":" ] ( "-" / "?" / "+" )
/// ```
#[inline(always)]
fn operator<'a>() -> impl Parser<&'a str, Output = Operator, Error = ()> {
    let action = alt((
        Literal("-").map(|()| Action::Default),
        Literal("?").map(|()| Action::Require),
        Literal("+").map(|()| Action::Replace),
    ));
    (opt(Literal(":")), action).map(|(colon, action)| Operator { action, has_colon: colon.is_some() })
}

/// Reads the step that `input` begins with, and returns what comes after it, and the step.
#[inline(always)]
fn read_step(input: &str) -> Option<(&str, Step<'_>)> {
    step().process::<OutputM<Emit, Check, Complete>>(input).ok()
}

/// Returns why `input`, which begins with `${`, does not begin with a reference.
#[cold]
fn fault(input: &str) -> Fault {
    let after = input.get("${".len()..).unwrap_or_default();
    match name_of(after).len() {
        0 => Fault::NoName,
        len if len == after.len() => Fault::Unclosed,
        _ => Fault::NoOperator,
    }
}
