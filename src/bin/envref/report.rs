//! How problems and references are printed: for people with the line and carets, for machines as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use envref::{Form, Position, Reason, Site};
use serde::Serialize;

use crate::input::Template;

/// A problem of a template: a reference without a value, or what makes the text not YAML.
#[derive(Serialize)]
pub(crate) struct Problem {
    file: String,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
    message: String,
    #[serde(flatten)]
    reference: Option<Reference>,
    #[serde(skip)]
    rendering: String,
}

/// What is known of a reference that has no value.
#[derive(Serialize)]
struct Reference {
    path: String,
    name: String,
    text: String,
    reason: &'static str,
}

impl Problem {
    fn new(template: &Template, site: &Site, reason: Reason) -> Self {
        let position = site.position().unwrap_or_else(|| Position::of(&template.text, site.span().start));
        Self {
            file: template.name.clone(),
            line: position.line,
            column: position.column,
            start: site.span().start,
            end: site.span().end,
            message: site.to_string(),
            reference: Some(Reference {
                path: site.path().unwrap_or_default().to_owned(),
                name: site.name().to_owned(),
                text: site.text().to_owned(),
                reason: match reason {
                    Reason::Embedded => "embedded",
                    Reason::NotAllowed => "not-allowed",
                    Reason::NotUnicode => "not-unicode",
                    _ => "unset",
                },
            }),
            rendering: site.render(&template.text).to_string(),
        }
    }

    /// The problems of sites: those without a value.
    pub(crate) fn unresolved(template: &Template, sites: &[Site]) -> Vec<Self> {
        sites.iter().filter_map(|site| Some(Self::new(template, site, site.reason()?))).collect()
    }

    /// The problems behind an error: one for each unresolved reference, or the error itself.
    pub(crate) fn all(template: &Template, error: &envref::Error) -> Vec<Self> {
        let unresolved = Self::unresolved(template, error.sites());
        if !unresolved.is_empty() {
            return unresolved;
        }
        Vec::from([Self {
            file: template.name.clone(),
            line: error.position().line,
            column: error.position().column,
            start: error.span().start,
            end: error.span().end,
            message: error.to_string(),
            reference: None,
            rendering: error.render(&template.text).to_string(),
        }])
    }

    /// Writes `path:line:column: message`, the line, and carets under the place.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let place = Style::new().bold();
        let carets = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let mut lines = self.rendering.lines();
        let headline = lines.next().unwrap_or_default();
        let message = headline.strip_prefix(&format!("{}:{}:", self.line, self.column)).unwrap_or(headline);
        writeln!(out, "{place}{}:{}:{}:{place:#}{message}", self.file, self.line, self.column)?;
        if let Some(source) = lines.next() {
            writeln!(out, "{source}")?;
        }
        if let Some(marks) = lines.next() {
            writeln!(out, "{carets}{marks}{carets:#}")?;
        }
        Ok(())
    }
}

/// A reference of a template.
#[derive(Serialize)]
pub(crate) struct Listed {
    name: String,
    text: String,
    form: &'static str,
    whole: bool,
    file: String,
    path: String,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
}

impl Listed {
    pub(crate) fn new(template: &Template, site: &Site) -> Self {
        let position = site.position().unwrap_or_else(|| Position::of(&template.text, site.span().start));
        Self {
            name: site.name().to_owned(),
            text: site.text().to_owned(),
            form: match site.form() {
                Form::Braced => "braced",
                Form::Angled => "angled",
                _ => "bare",
            },
            whole: site.is_whole(),
            file: template.name.clone(),
            path: site.path().unwrap_or_default().to_owned(),
            line: position.line,
            column: position.column,
            start: site.span().start,
            end: site.span().end,
        }
    }
}

/// Writes each variable with the places that refer to it, by name.
pub(crate) fn write_listed(listed: &[Listed], out: &mut impl Write) -> io::Result<()> {
    let mut by_name = BTreeMap::<_, Vec<_>>::new();
    for reference in listed {
        by_name.entry(&reference.name).or_default().push(reference);
    }
    let style = Style::new().bold();
    for (name, references) in by_name {
        writeln!(out, "{style}{name}{style:#}")?;
        for Listed { file, line, column, path, .. } in references {
            writeln!(out, "  {file}:{line}:{column}: {path}")?;
        }
    }
    Ok(())
}

/// Writes `items` as a JSON array.
pub(crate) fn write_json(items: &[impl Serialize], out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, items)?;
    writeln!(out)
}
