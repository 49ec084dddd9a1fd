//! `.env` files: reads the variables of a text. No file is opened, no variable is looked up, and nothing is expanded.
//!
//! ```
//! use envref::{dotenv, expand};
//!
//! let vars = dotenv::parse("# host\nexport DIR=/srv/w1  # a comment\nPASSWORD=p@ss$word#1\n")?;
//!
//! assert_eq!(vars["DIR"], "/srv/w1");
//! assert_eq!(vars["PASSWORD"], "p@ss$word#1");
//! assert_eq!(expand("${DIR}/data", &vars), "/srv/w1/data");
//! # Ok::<(), dotenv::Error>(())
//! ```
//!
//! # The dialect
//!
//! Programs disagree about `.env` files. This module reads exactly this:
//!
//! ```abnf
//! file    = [BOM] line *(break line)
//! line    = blanks [comment / entry]
//! entry   = ["export" 1*blank] name blanks "=" blanks value blanks [comment]
//! name    = (ALPHA / "_") *(ALPHA / DIGIT / "_" / "." / "-")
//! value   = bare / "'" *not-single-quote "'" / DQUOTE *(escape / not-double-quote) DQUOTE
//! escape  = "\" ("n" / "r" / "t" / "\" / DQUOTE / "$")
//! comment = "#" *not-break           ; at the start of a line, or after a blank
//! blanks  = *blank
//! blank   = SP / HTAB
//! break   = LF / CRLF / CR
//! ```
//!
//! - **A value is only a value.** `$HOME`, `${HOME}` and `$(id)` in it are text, in every style: neither the process
//!   environment nor the file itself is consulted.
//! - A bare value goes to the end of its line, or to a comment, without the blanks at its end. Quotes and backslashes
//!   within it are text, and so is a `#` with no blank before it: `a#b`, `#fff`, `it's`, `C:\new`.
//! - Single quotes take everything literally; double quotes have the escapes above. Both may span lines. A line break in
//!   them is read as a newline, however the file writes it.
//! - Nothing but a comment may follow a closing quote.
//! - A value may be empty. If a name is set twice, the later value wins.
//! - A name may have `.` or `-` in it, as other programs allow, but no reference can name it.
//!
//! | line | value of `A` |
//! |---|---|
//! | `A=x y # c` | `x y` |
//! | `A=x#y` | `x#y` |
//! | `A=#fff` | `#fff` |
//! | `A= #fff` | empty |
//! | `A="x\n\"y\""` | `x`, a newline, `"y"` |
//! | `A='x\n$B'` | `x\n$B` |
//! | `A="\$B"`, `A="$B"`, `A=$B` | `$B` |
//! | `A=x"y"` | `x"y"` |

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;

/// Returns the variables of a `.env` text, by name, with their [literal values](self#the-dialect).
///
/// Time is linear in the length of the text.
///
/// # Errors
///
/// - `just words`, `1A=x` and `A B=x`: not a name and a `=`.
/// - `A="x` and `A='x`: a quote that is never closed.
/// - `A="x"y`: text after the closing quote.
/// - `A="\d"`: an escape that the dialect does not know. In single quotes, a backslash is a backslash.
///
/// An error has the number of the line, and nothing of its content.
///
/// ```
/// let error = envref::dotenv::parse("A=1\nTOKEN: s3cret\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2 is not NAME=VALUE");
/// ```
pub fn parse(input: &str) -> Result<BTreeMap<String, String>, Error> {
    let mut cursor = Cursor { rest: input.strip_prefix('\u{FEFF}').unwrap_or(input), line: 1 };
    let mut vars = BTreeMap::new();
    loop {
        cursor.blanks();
        if !cursor.rest.is_empty() && !cursor.rest.starts_with(['#', '\n', '\r']) {
            let name = cursor.name()?;
            let value = cursor.value()?;
            vars.insert(name.to_owned(), value);
        }
        cursor.until(is_break);
        if !cursor.line_break() {
            return Ok(vars);
        }
    }
}

/// Why a text is not a `.env` file, and in which line. It holds nothing of the line's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {kind}")]
pub struct Error {
    kind: Kind,
    line: usize,
}

impl Error {
    /// Returns the number of the line at fault, from one; for a quote that is never closed, the line in which it opens.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Kind {
    #[error("is not NAME=VALUE")]
    NoEntry,
    #[error("opens a quote that is never closed")]
    Unclosed,
    #[error("has text after a closing quote")]
    AfterQuote,
    #[error(
        r#"has an unknown escape: use \n, \r, \t, \$, \\ or \", or single quotes, which take a backslash literally"#
    )]
    Escape,
}

/// What is left of the text, and the line it begins in.
struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// Takes what is before the first character that `stop` accepts.
    fn until(&mut self, stop: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(stop).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Takes `text`, and tells whether it was there.
    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes blanks, and tells whether there were any.
    fn blanks(&mut self) -> bool {
        !self.until(|c| !is_blank(c)).is_empty()
    }

    fn line_break(&mut self) -> bool {
        let taken = self.take("\r\n") || self.take("\n") || self.take("\r");
        self.line += usize::from(taken);
        taken
    }

    fn error(&self, kind: Kind) -> Error {
        Error { kind, line: self.line }
    }

    /// Takes the start of an entry, up to and with the `=`, and returns its name.
    fn name(&mut self) -> Result<&'a str, Error> {
        let mut name = self.until(|c| !is_in_name(c));
        if self.blanks() && name == "export" && !self.rest.starts_with('=') {
            name = self.until(|c| !is_in_name(c));
            self.blanks();
        }
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if begins_well && self.take("=") { Ok(name) } else { Err(self.error(Kind::NoEntry)) }
    }

    /// Takes the rest of an entry but a comment, and returns its value.
    fn value(&mut self) -> Result<String, Error> {
        let after_blank = self.blanks();
        let value = if self.take("'") {
            self.single_quoted()?
        } else if self.take("\"") {
            self.double_quoted()?
        } else {
            return Ok(self.bare(after_blank).to_owned());
        };
        let after_blank = self.blanks();
        let is_over = self.rest.is_empty() || self.rest.starts_with(is_break);
        if is_over || (after_blank && self.rest.starts_with('#')) {
            return Ok(value);
        }
        Err(self.error(Kind::AfterQuote))
    }

    /// Takes the rest of the line, and returns what is before a comment.
    fn bare(&mut self, mut after_blank: bool) -> &'a str {
        let line = self.until(is_break);
        let comment = line.find(|c| {
            let begins = c == '#' && after_blank;
            after_blank = is_blank(c);
            begins
        });
        let (value, _) = line.split_at(comment.unwrap_or(line.len()));
        value.trim_end_matches(is_blank)
    }

    fn single_quoted(&mut self) -> Result<String, Error> {
        let unclosed = self.error(Kind::Unclosed);
        let mut value = String::new();
        loop {
            value.push_str(self.until(|c| c == '\'' || is_break(c)));
            if self.take("'") {
                return Ok(value);
            }
            if !self.line_break() {
                return Err(unclosed);
            }
            value.push('\n');
        }
    }

    fn double_quoted(&mut self) -> Result<String, Error> {
        let unclosed = self.error(Kind::Unclosed);
        let mut value = String::new();
        loop {
            value.push_str(self.until(|c| matches!(c, '"' | '\\') || is_break(c)));
            if self.take("\"") {
                return Ok(value);
            }
            if self.take("\\") {
                value.push(self.escape()?);
            } else if self.line_break() {
                value.push('\n');
            } else {
                return Err(unclosed);
            }
        }
    }

    /// Takes what follows a backslash.
    fn escape(&mut self) -> Result<char, Error> {
        let escapes = [("n", '\n'), ("r", '\r'), ("t", '\t'), ("\\", '\\'), ("\"", '"'), ("$", '$')];
        let known = escapes.into_iter().find(|(written, _)| self.take(written));
        known.map(|(_, meant)| meant).ok_or_else(|| self.error(Kind::Escape))
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}
