//! How problems and references are printed: for people with the line and carets, for machines as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use envref::{Action, Dialect, Error, ErrorKind, Form, Operator, Position, Provenance, Site, Token};
use serde::Serialize;

use crate::input::Template;
use crate::terminal;
use crate::vars::Why;

/// What is wrong at a place of a template.
#[derive(Serialize)]
pub(crate) struct Problem {
    level: Level,
    file: String,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
    message: String,
    #[serde(flatten)]
    reference: Option<Reference>,
    /// The line and the carets.
    #[serde(skip)]
    snippet: String,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warning,
}

/// What is known of the reference, or of what looks like one.
#[derive(Serialize)]
struct Reference {
    path: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: String,
    text: String,
    reason: &'static str,
}

impl Problem {
    /// Returns the problem of a site, if it has no value or is a near miss.
    pub(crate) fn of_site(template: &Template, site: &Site) -> Option<Self> {
        let text = site.text();
        let (level, reason, message) = match site.provenance() {
            Provenance::Missing(reason) => {
                let why = Why::of(reason);
                let message = match site.operator() {
                    Some((operator, word)) if operator.action() == Action::Require && !word.is_empty() => {
                        format!(": {word}")
                    }
                    _ => String::new(),
                };
                let option =
                    why.option.map(|it| format!(" (add {it} {} to take it from the process)", site.name()));
                let message = format!(
                    "unresolved reference {}: {}{message}{}",
                    shown(site),
                    why.message,
                    option.unwrap_or_default()
                );
                (Level::Error, why.reason, message)
            }
            Provenance::NearMiss => {
                let shown: String = text.chars().take(SHOWN_OF_TEXT).collect();
                let cut = if shown.len() < text.len() { "…" } else { "" };
                let hint = if is_of_compose(text) { "; --dialect compose reads it" } else { "" };
                let message =
                    format!("{shown}{cut} is text: references are $NAME, ${{NAME}} and $<NAME>{hint}");
                (Level::Warning, "near-miss", message)
            }
            _ => return None,
        };
        let reference = Reference {
            path: site.path().unwrap_or_default().to_owned(),
            name: site.name().to_owned(),
            text: text.to_owned(),
            reason,
        };
        let place = Place::of(template, site);
        let rendering = site.render(&template.text).to_string();
        Some(Self::new(template, level, &place, message, Some(reference), &rendering))
    }

    /// The problems behind an error: one for each place.
    pub(crate) fn of_error(template: &Template, error: &Error) -> Vec<Self> {
        if error.kind() == ErrorKind::Unresolved {
            return error.sites().iter().filter_map(|site| Self::of_site(template, site)).collect();
        }
        error.each().map(|error| Self::of_one_error(template, &error)).collect()
    }

    /// The problem behind an error that is at one place, and no unresolved reference.
    fn of_one_error(template: &Template, error: &Error) -> Self {
        let rendering = error.render(&template.text).to_string();
        let message = if error.kind() == ErrorKind::OutputLimit {
            let with = error.sites().first().map(|site| format!(" with {}", shown(site)));
            format!("exceeds --output-limit{}", with.unwrap_or_default())
        } else {
            // The first line of the rendering without the place, which is shown as any other place is.
            let line = rendering.lines().next().unwrap_or_default();
            line.split_once(": ").map_or(line, |(_, message)| message).to_owned()
        };
        let place = Place { position: error.position(), span: error.span() };
        Self::new(template, Level::Error, &place, message, None, &rendering)
    }

    fn new(
        template: &Template,
        level: Level,
        place: &Place,
        message: String,
        reference: Option<Reference>,
        rendering: &str,
    ) -> Self {
        // The first line is the place and the message.
        let snippet = rendering.split_once('\n').map_or("", |(_, snippet)| snippet);
        Self {
            level,
            file: template.name.clone(),
            line: place.position.line,
            column: place.position.column,
            start: place.span.start,
            end: place.span.end,
            message,
            reference,
            snippet: snippet.to_owned(),
        }
    }

    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Writes `path:line:column: message`, and for an error the line, and carets under the place.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.write_line(out)?;
        if self.level == Level::Warning {
            return Ok(());
        }
        let carets = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        match self.snippet.split_once('\n') {
            Some((source, marks)) => writeln!(out, "{source}\n{carets}{}{carets:#}", marks.trim_end()),
            None => Ok(()),
        }
    }

    /// Returns the problem as a warning.
    pub(crate) fn into_warning(self) -> Self {
        Self { level: Level::Warning, ..self }
    }

    fn write_line(&self, out: &mut impl Write) -> io::Result<()> {
        let place = Style::new().bold();
        let warning = if self.level == Level::Warning { " warning:" } else { "" };
        let Self { file, line, column, message, .. } = self;
        let (file, message) = (terminal::harmless(file), terminal::harmless(message));
        writeln!(out, "{place}{file}:{line}:{column}:{place:#}{warning} {message}")
    }
}

/// Returns standard error, for many lines.
pub(crate) fn stderr() -> impl Write {
    io::BufWriter::new(anstream::stderr().lock())
}

/// Writes problems to standard error.
pub(crate) fn write_to_stderr(problems: &[Problem]) {
    let mut out = stderr();
    for problem in problems {
        // Standard error may be closed.
        let _ = problem.write(&mut out);
    }
    let _ = out.flush();
}

/// Returns a reference for messages, without its word, which may be long.
fn shown(site: &Site) -> String {
    match site.operator() {
        Some((operator, word)) if !word.is_empty() => format!("${{{}{operator}…}}", site.name()),
        _ => site.text().to_owned(),
    }
}

/// Tells whether a text is one reference in the Compose dialect, and likely meant as one: `${a-b}` may be a name with a
/// hyphen.
fn is_of_compose(text: &str) -> bool {
    match Dialect::Compose.tokens(text).next() {
        Some(Token::Reference(it)) if it.text() == text => {
            it.operator().is_some_and(|(it, _)| it.has_colon())
        }
        _ => false,
    }
}

/// How many characters of a near miss are in a message.
const SHOWN_OF_TEXT: usize = 80;

/// Where something is in a template.
struct Place {
    position: Position,
    span: Range<usize>,
}

impl Place {
    fn of(template: &Template, site: &Site) -> Self {
        let span = site.span();
        // In YAML, every site has a position.
        let position = site.position().unwrap_or_else(|| Position::of(&template.text, span.start));
        Self { position, span }
    }
}

/// A reference of a template.
#[derive(Serialize)]
pub(crate) struct Listed {
    name: String,
    text: String,
    form: &'static str,
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
    file: String,
    path: String,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
}

impl Listed {
    pub(crate) fn new(template: &Template, site: &Site) -> Self {
        let Place { position, span } = Place::of(template, site);
        let operator = site.operator().map(|(operator, _)| operator);
        let default = site.operator().filter(|(operator, _)| operator.action() == Action::Default);
        Self {
            name: site.name().to_owned(),
            text: site.text().to_owned(),
            form: match site.form() {
                Form::Braced => "braced",
                Form::Angled => "angled",
                _ => "bare",
            },
            whole: site.is_whole(),
            operator: operator.map(Operator::as_str),
            default: default.map(|(_, word)| word.to_owned()),
            required: operator.map(|operator| operator.action() == Action::Require),
            file: template.name.clone(),
            path: site.path().unwrap_or_default().to_owned(),
            line: position.line,
            column: position.column,
            start: span.start,
            end: span.end,
        }
    }
}

/// Writes each variable, by name, with the places that refer to it.
pub(crate) fn write_listed(listed: &[Listed], out: &mut impl Write) -> io::Result<()> {
    let style = Style::new().bold();
    for (name, references) in by_name(listed) {
        writeln!(out, "{style}{name}{style:#}")?;
        for Listed { file, line, column, path, default, required, .. } in references {
            let (file, path) = (terminal::harmless(file), terminal::harmless(path));
            write!(out, "  {file}:{line}:{column}: {path}")?;
            match (default, required) {
                (Some(default), _) => writeln!(out, " (default: {})", terminal::harmless(default))?,
                (None, Some(true)) => writeln!(out, " (required)")?,
                _ => writeln!(out)?,
            }
        }
    }
    Ok(())
}

/// Writes the name of each variable.
pub(crate) fn write_names(listed: &[Listed], out: &mut impl Write) -> io::Result<()> {
    by_name(listed).keys().try_for_each(|name| writeln!(out, "{name}"))
}

fn by_name(listed: &[Listed]) -> BTreeMap<&str, Vec<&Listed>> {
    let mut by_name = BTreeMap::<&str, Vec<_>>::new();
    for reference in listed {
        by_name.entry(&reference.name).or_default().push(reference);
    }
    by_name
}
