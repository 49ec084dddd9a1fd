//! The cases that laws are about: a text, the caller's variables, and those of the host.

use std::borrow::Cow;

use arbitrary::{Arbitrary, Result, Unstructured};
use envref::{Dialect, Expander, Lookup, Unset};

/// Pieces of which texts are built: everything that is close to a reference.
const PIECES: [&str; 27] = [
    "$",
    "{",
    "}",
    "<",
    ">",
    "A",
    "B",
    "_",
    "1",
    "9z",
    "-",
    ":-",
    " ",
    "é",
    "\u{1F600}",
    "\n",
    "\r",
    "\t",
    "\u{202E}",
    "${A}",
    "$<B>",
    "$A",
    "${",
    "$<",
    "plain text",
    "\0",
    "${AB}",
];

/// Makes a text of pieces, and now and then of characters that nobody chose.
pub fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=12)? {
        text.push_str(u.choose(&PIECES)?);
    }
    if u.ratio(1, 4)? {
        text.push_str(u.arbitrary()?);
    }
    Ok(text)
}

/// Reads what a fuzzer made as text, up to the first byte that is none.
pub fn raw_text(data: &[u8]) -> &str {
    data.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

/// The names that may have a value.
pub const NAMES: [&str; 6] = ["A", "B", "AB", "_", "A1", "B9z"];

/// The values of the caller's variables, and those of the host's: all but the empty one differ.
static VALUES: [&str; 7] = ["x", "", "$A", "${B}", "é", "longer than its reference", "}"];
static HOST_VALUES: [&str; 7] = ["host", "", "$B", "host of ${A}", "\u{1F600}", "\n", "{"];

/// Whose variables they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Caller,
    Host,
}

/// A lookup that has values for some of [`NAMES`].
#[derive(Debug, Clone, Copy)]
pub struct Vars([Option<&'static str>; NAMES.len()]);

impl Vars {
    /// Returns variables by a byte for each name: of the digits, `0` leaves it unset, and `1` to `7` select a value.
    pub fn new(owner: Owner, selection: [u8; NAMES.len()]) -> Self {
        let values = match owner {
            Owner::Caller => &VALUES,
            Owner::Host => &HOST_VALUES,
        };
        let value = |byte: u8| usize::from(byte % 8).checked_sub(1).map(|index| values[index]);
        Self(selection.map(value))
    }

    /// Reads a byte for each name.
    pub fn of(owner: Owner, u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self::new(owner, u.arbitrary()?))
    }

    /// Returns the lookup that has the same names, each with the value `value`.
    #[must_use]
    pub fn all_set_to(self, value: &'static str) -> Self {
        Self(self.0.map(|var| var.map(|_| value)))
    }

    pub fn get(&self, name: &str) -> Option<&'static str> {
        let index = NAMES.iter().position(|known| *known == name)?;
        self.0[index]
    }
}

impl Lookup for Vars {
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.get(name).map(Cow::Borrowed)
    }
}

/// A text to expand, and what it may take values from.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    pub vars: Vars,
    pub host: Vars,
    pub text: Cow<'a, str>,
}

impl<'a> Arbitrary<'a> for Case<'a> {
    /// Makes a text of pieces.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (vars, host) = (Vars::of(Owner::Caller, u)?, Vars::of(Owner::Host, u)?);
        Ok(Self { vars, host, text: Cow::Owned(text(u)?) })
    }

    /// Takes the rest as the text, so that a file of the fuzzer can be read and written by hand: a digit for each of the
    /// caller's and of the host's variables, and the text.
    fn arbitrary_take_rest(mut u: Unstructured<'a>) -> Result<Self> {
        let (vars, host) = (Vars::of(Owner::Caller, &mut u)?, Vars::of(Owner::Host, &mut u)?);
        Ok(Self { vars, host, text: Cow::Borrowed(raw_text(u.take_rest())) })
    }
}

/// What can become of a reference without a value.
pub const UNSET: [Unset; 4] = [Unset::Default, Unset::Keep, Unset::Empty, Unset::Reject];

/// A case under some rules.
pub struct Ruled<'a> {
    pub case: &'a Case<'a>,
    /// The fallback, if there is one.
    pub host: Option<&'a Vars>,
    pub unset: Unset,
    pub expander: Expander<'a, Vars>,
}

impl<'a> Ruled<'a> {
    pub fn text(&self) -> &'a str {
        &self.case.text
    }

    pub fn host(&self, name: &str) -> Option<&'static str> {
        self.host.and_then(|host| host.get(name))
    }
}

impl Case<'_> {
    /// Calls `law` with each choice for the unset, with a fallback and without.
    pub fn under_all_rules(&self, dialect: Dialect, law: impl Fn(Ruled<'_>)) {
        for unset in UNSET {
            let expander = Expander::new(&self.vars).on_unset(unset).dialect(dialect);
            law(Ruled { case: self, host: None, unset, expander });
            let expander = expander.fallback(&self.host as &(dyn Lookup + Sync));
            law(Ruled { case: self, host: Some(&self.host), unset, expander });
        }
    }
}
