//! Expansion of the Compose dialect: what an operator makes of a variable, and the loop over the steps of a text. One
//! pass; the result borrows from the input as long as it can. No parsing happens here.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::mem;
use core::ops::Range;

use crate::compose::{Action, Operator, Step, Steps, whole_reference};
use crate::expand::{Lookups, Outcome, Policy as _, Rules, Stop, Unset};
use crate::lookup::Lookup;

/// What takes the place of a reference.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Choice {
    /// The value of the variable.
    Value,
    /// The word of the reference, expanded.
    Word,
    /// Nothing.
    Nothing,
    /// An error: a value is required, and the variable is empty or unset.
    Error { is_empty: bool },
    /// What `Unset` says.
    Unset,
}

impl Choice {
    /// Returns what takes the place of a reference with `operator` if its variable has `value`.
    #[inline]
    pub(crate) fn of(operator: Option<Operator>, value: Option<&str>) -> Self {
        let Some(operator) = operator else {
            return if value.is_some() { Self::Value } else { Self::Unset };
        };
        let counts = value.is_some_and(|value| !(operator.has_colon() && value.is_empty()));
        match (operator.action(), counts) {
            (Action::Default | Action::Require, true) => Self::Value,
            (Action::Default, false) | (Action::Replace, true) => Self::Word,
            (Action::Require, false) => Self::Error { is_empty: value.is_some() },
            (Action::Replace, false) => Self::Nothing,
        }
    }
}

/// Expands an `input` that has a `$`, and that is a whole text or a part of one.
#[inline(never)]
pub(crate) fn interpolate<'a, L, F>(
    input: &'a str,
    lookups: Lookups<'a, L, F>,
    rules: Rules,
    is_text: bool,
) -> Result<Cow<'a, str>, Box<Stop>>
where
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
{
    let is_one_reference = is_text && whole_reference(input).is_some();
    let mut steps = Steps::new(input);
    let mut output = Output { input, rules, pieces: Pieces::Input(0..0) };
    let mut copied = 0;
    while let Some((Range { start, end }, step)) = steps.advance() {
        output.push_input(copied..start)?;
        copied = end;
        match step {
            Step::Escape if rules.unset == Unset::Keep => output.push_input(start..end)?,
            Step::Escape => output.push_dollar(start..end)?,
            Step::Close => {}
            Step::Malformed(malformed) => return Err(Box::new(Stop::Malformed(malformed))),
            Step::Reference { name, operator, .. } => {
                let is_whole = is_one_reference && start == 0;
                let value = lookups.resolve(name, is_whole).map(|(value, _)| value);
                match (Choice::of(operator, value.as_deref()), value) {
                    (Choice::Value, Some(value)) => output.push_value(value, start)?,
                    (Choice::Value | Choice::Nothing, _) => {}
                    (Choice::Word, _) => continue,
                    (Choice::Error { .. }, _) => return Err(Box::new(Stop::Unset(start))),
                    (Choice::Unset, _) => match rules.unset.outcome(is_whole) {
                        Outcome::Empty => {}
                        Outcome::Keep => output.push_input(start..end)?,
                        Outcome::Reject => return Err(Box::new(Stop::Unset(start))),
                    },
                }
                if operator.is_some() {
                    copied = steps.close().map_err(|malformed| Box::new(Stop::Malformed(malformed)))?;
                }
            }
        }
    }
    output.push_input(copied..input.len())?;
    output.finish()
}

/// The result, as far as it is built.
struct Output<'a> {
    input: &'a str,
    rules: Rules,
    pieces: Pieces<'a>,
}

enum Pieces<'a> {
    /// A part of the input.
    Input(Range<usize>),
    /// A value that is not empty.
    Value(Cow<'a, str>),
    Several(String),
}

impl<'a> Output<'a> {
    /// Appends a part of the input.
    #[inline]
    fn push_input(&mut self, part: Range<usize>) -> Result<(), Box<Stop>> {
        if part.is_empty() {
            return Ok(());
        }
        match &mut self.pieces {
            Pieces::Input(pieces) if Range::is_empty(pieces) => *pieces = part,
            Pieces::Input(pieces) if pieces.end == part.start => pieces.end = part.end,
            _ => {
                let text = self.input.get(part.clone()).unwrap_or_default();
                self.push(text, part.start)?;
            }
        }
        Ok(())
    }

    /// Appends the `$` that is written as the two at `escape`: the one that is next to what comes before it or, if there is
    /// nothing, the one that is next to what comes after it.
    fn push_dollar(&mut self, escape: Range<usize>) -> Result<(), Box<Stop>> {
        let Range { start, end } = escape;
        let is_first = matches!(&self.pieces, Pieces::Input(pieces) if Range::is_empty(pieces));
        self.push_input(if is_first { start + 1..end } else { start..start + 1 })
    }

    /// Appends the value of the reference at byte `at` of the input.
    #[inline]
    fn push_value(&mut self, value: Cow<'a, str>, at: usize) -> Result<(), Box<Stop>> {
        match &self.pieces {
            _ if value.is_empty() => Ok(()),
            Pieces::Input(pieces) if Range::is_empty(pieces) => {
                self.rules.grow(value.len(), at)?;
                self.pieces = Pieces::Value(value);
                Ok(())
            }
            _ => self.push(&value, at),
        }
    }

    /// Appends a text that does not continue the result in the input. It comes from byte `at` of the input.
    #[inline]
    fn push(&mut self, text: &str, at: usize) -> Result<(), Box<Stop>> {
        let len = match &self.pieces {
            Pieces::Input(pieces) => {
                // Something before it was replaced, so it may be what is too long.
                if pieces.start > 0 {
                    self.rules.grow(pieces.len(), pieces.start)?;
                }
                pieces.len()
            }
            Pieces::Value(value) => value.len(),
            Pieces::Several(output) => output.len(),
        };
        self.rules.grow(len.saturating_add(text.len()), at)?;
        if let Pieces::Several(output) = &mut self.pieces {
            output.push_str(text);
        } else {
            self.collect(text);
        }
        Ok(())
    }

    /// Turns the result into an owned text, with room for what comes next.
    #[inline(never)]
    fn collect(&mut self, next: &str) {
        let pieces = mem::replace(&mut self.pieces, Pieces::Input(0..0));
        let first = match &pieces {
            Pieces::Input(pieces) => self.input.get(pieces.clone()).unwrap_or_default(),
            Pieces::Value(value) => value,
            Pieces::Several(output) => output,
        };
        // Values are often longer than references: with some room to spare, most results never move.
        let room = self.input.len() + self.input.len() / 4;
        let mut output = String::with_capacity(first.len() + next.len() + room);
        output.push_str(first);
        output.push_str(next);
        self.pieces = Pieces::Several(output);
    }

    fn finish(self) -> Result<Cow<'a, str>, Box<Stop>> {
        Ok(match self.pieces {
            Pieces::Several(output) => Cow::Owned(output),
            Pieces::Value(value) => value,
            Pieces::Input(pieces) => {
                if pieces.len() < self.input.len() {
                    self.rules.grow(pieces.len(), pieces.start)?;
                }
                Cow::Borrowed(self.input.get(pieces).unwrap_or_default())
            }
        })
    }
}
