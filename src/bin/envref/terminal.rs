//! What reaches a terminal: messages on standard error, and text that is harmless to it.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use anstyle::{AnsiColor, Style};

/// Returns `text`, which may be untrusted, with what a terminal would act upon written as escapes.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_terminals) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts_on_terminals(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Returns JSON `text` with what a terminal would act upon written as escapes of JSON: it can only be in strings.
pub(crate) fn harmless_json(text: &str) -> Cow<'_, str> {
    let acts = |c| c != '\n' && acts_on_terminals(c);
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) {
            // They are all below U+10000, and writing to a string does not fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Returns the name of a file as it is shown.
pub(crate) fn name(path: &Path) -> String {
    harmless(&path.to_string_lossy()).into_owned()
}

/// Tells whether an argument is shown as it is.
pub(crate) fn is_harmless(argument: &OsStr) -> bool {
    !argument.to_string_lossy().contains(acts_on_terminals)
}

/// Control characters, line and paragraph separators, and the characters that change the direction of writing (Unicode
/// Standard Annex 9, `Bidi_Control`).
fn acts_on_terminals(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

/// Prints why the run fails.
pub(crate) fn error(message: &str) {
    say("error", AnsiColor::Red, message);
}

/// Prints a problem that does not stop the run.
pub(crate) fn warning(message: &str) {
    say("warning", AnsiColor::Yellow, message);
}

/// Prints what the run waits for.
pub(crate) fn note(message: &str) {
    say("note", AnsiColor::Green, message);
}

fn say(level: &str, color: AnsiColor, message: &str) {
    let style = Style::new().bold().fg_color(Some(color.into()));
    // Standard error may be closed.
    let _: io::Result<()> = writeln!(anstream::stderr(), "{style}{level}{style:#}: {message}");
}
