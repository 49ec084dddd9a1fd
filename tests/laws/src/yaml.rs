//! The law of YAML text, checked without the code that has to keep it: by the bytes, by the events of the parser, and by
//! those of libyaml.

#![allow(clippy::similar_names, reason = "before and after")]

use std::ops::Range;

use envref::{ErrorKind, Expander, Provenance, Site, Unset, from_fn, yaml};
use envref_libyaml::Kind;
use granit_parser::{Event, Parser, ScalarStyle};

use crate::oracle;

/// Gives the value of a variable.
pub type Get<'a> = dyn Fn(&str) -> Option<String> + Sync + 'a;

/// Values that a careless hand would let break a document.
pub const VALUES: [&str; 148] = [
    "",
    "x",
    "8080",
    "a b",
    " a",
    "a ",
    " ",
    "\t",
    "\ta",
    "a\tb",
    "\n",
    "a\n",
    "\na",
    "a\nb",
    "a\n\nb\n",
    "a\n b\n",
    "a\n\tb",
    "a\n\n\n",
    "  a\nb",
    "\r",
    "a\rb",
    "a\r\nb",
    "\u{85}",
    "a\u{85}b",
    "a\u{2028}b",
    "a\u{2029}b",
    "\u{FEFF}",
    "\u{FEFF}a",
    "\0",
    "\u{7}",
    "\u{1B}[0m",
    "\u{7F}",
    "\u{9F}",
    "\u{FFFE}",
    "\u{FFFF}",
    "\u{A0}",
    "é",
    "\u{1F600}",
    "\u{10FFFF}",
    "\u{202E}a",
    "a: b",
    "a:",
    ":",
    ": ",
    ":a",
    "a :b",
    "#",
    " #",
    "a #b",
    "#a",
    "a#b",
    "-",
    "- a",
    "-a",
    "---",
    "--- a",
    "...",
    "... a",
    "--",
    "%",
    "%YAML 1.2",
    "@a",
    "`a`",
    "{}",
    "{a: b}",
    "[]",
    "[a]",
    "]",
    "}",
    ",",
    "a,b",
    "a, b",
    "&a",
    "*a",
    "!t",
    "!!str a",
    "!",
    "|",
    ">",
    "|-\n  a",
    "?",
    "? a",
    "?a",
    "a?b",
    "a:?b",
    "'",
    "''",
    "it's",
    "'a'",
    "\"",
    "\"a\"",
    "\\",
    "\\n",
    "a\\",
    "C:\\dir",
    "yes",
    "no",
    "true",
    "null",
    "~",
    "Null",
    ".inf",
    "-.inf",
    ".nan",
    "0123",
    "0o17",
    "0x1F",
    "1e3",
    "1_000",
    "12:30:45",
    "2026-11-21",
    "+1",
    "-1",
    "1.0",
    ".5",
    "=",
    "<<",
    "$A",
    "${B}",
    "http://host:80/?a=b&c=d#e",
    "{\"a\": [1, \"b\"]}",
    "k: v\nl:\n  - m\n",
    "-----BEGIN KEY-----\nabc=\n-----END KEY-----\n",
    "a\n---\nb",
    "---\na",
    "a\n...\n",
    "a\n# b\n",
    "a\n\n\nb",
    "a \nb",
    "a\n  \nb",
    "a ?b",
    "{a: ?b}",
    "==",
    "0x_",
    "2026-13-45",
    "0000-00-00",
    "a,\nb",
    "- - a",
    "? a\n: b",
    "%TAG",
    "a\n%b",
    "a\n#b",
    "a:\u{A0}b",
    "a\u{A0}#b",
    "x\n\n ",
    "\tx\n",
    "a\u{7F}b",
    ":x",
];

/// Checks the laws on a file of the fuzzer: the value of `A`, which is the caller's, that of `B`, which is the host's, and a
/// stream, with a byte 0xFF after each value.
pub fn check(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == 0xFF).map(std::str::from_utf8);
    let (Some(Ok(a)), Some(Ok(b)), Some(Ok(stream))) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let vars = |name: &str| (name == "A").then(|| a.to_owned());
    let host = |name: &str| (name == "B").then(|| b.to_owned());
    no_value_shows_in_errors(stream);
    let (our_vars, our_host) = (from_fn(vars), from_fn(host));
    let expander = Expander::new(&our_vars).fallback(&our_host);
    let result = yaml::expand(stream, &expander);
    if events(stream).is_err() {
        // What is not looked at, because there is no reference in it, need not be YAML.
        assert!(result.is_err() || result.is_ok_and(|result| std::ptr::eq(result.as_ref(), stream)));
        return;
    }
    let sites = yaml::explain(stream, &expander).unwrap();
    let result = match result {
        Err(error) if error.kind() == ErrorKind::Inexpressible => return,
        result => result.unwrap(),
    };
    if sites.iter().all(|site| site.provenance() == Provenance::NearMiss) {
        assert!(std::ptr::eq(result.as_ref(), stream));
    }
    let expand = |text: &str| oracle::expand(text, &vars, &host);
    same_but_for_scalars(stream, &result, &expand).unwrap();
    // Where libyaml reads the stream in another way, all sorts of things may hold.
    if is_alike_to_libyaml(stream) {
        libyaml_agrees(stream, &result, &expand).unwrap();
    }
}

/// No value, be it the caller's or the host's, is in an error, nor anything that a terminal would act upon.
fn no_value_shows_in_errors(stream: &str) {
    const SECRET: &str = "s3cr3t: [\"#\n";
    if stream.contains("s3cr3t") {
        return;
    }
    let vars = [("A", SECRET)];
    let host = [("B", SECRET)];
    let expander = Expander::new(&vars).fallback(&host);
    for expander in [expander.on_unset(Unset::Reject), expander.output_limit(stream.len() + 1), expander] {
        if let Err(error) = yaml::expand(stream, &expander) {
            assert!(!format!("{error} {error:?} {}", error.render(stream)).contains("s3cr3t"));
            assert!(!oracle::acts_on_terminals(&format!("{error}{}", error.render(stream))));
            assert!(!error.sites().iter().filter_map(Site::path).any(oracle::acts_on_terminals));
        }
    }
}

/// Expands `stream` and returns the result, or what is wrong with it. `stream` has to be YAML to the parser of the crate.
pub fn holds(stream: &str, vars: &Get<'_>, host: &Get<'_>) -> Result<String, String> {
    let (our_vars, our_host) = (from_fn(vars), from_fn(host));
    let result = yaml::expand(stream, &Expander::new(&our_vars).fallback(&our_host));
    let result = match result {
        // Only where readers differ about the structure of the stream itself.
        Err(error) if error.kind() == ErrorKind::Inexpressible && !is_alike_to_libyaml(stream) => {
            return Ok(stream.to_owned());
        }
        result => result.map_err(|error| format!("refused: {error}"))?,
    };
    let expand = |text: &str| oracle::expand(text, vars, host);
    same_but_for_scalars(stream, &result, &expand)?;
    libyaml_agrees(stream, &result, &expand)?;
    Ok(result.into_owned())
}

/// Checks what libyaml makes of it: if it reads `before`, then it reads `after` with the same structure, and if `before` was
/// the same to it as to the parser of the crate, then each value is expanded.
fn libyaml_agrees(before: &str, after: &str, expand: &dyn Fn(&str) -> String) -> Result<(), String> {
    let Ok(theirs) = envref_libyaml::events(before) else { return Ok(()) };
    let after = envref_libyaml::events(after).map_err(|error| format!("libyaml refuses it: {error}"))?;
    if after.len() != theirs.len() {
        return Err(format!("libyaml reads {} events, were {}", after.len(), theirs.len()));
    }
    let alike = is_alike(&events(before)?, &theirs);
    let mut keys = Keys::default();
    for (mut expected, mut event) in theirs.into_iter().zip(after) {
        let is_key = keys.enter(expected.kind);
        if (expected.kind, event.kind) == (Kind::Plain, Kind::Quoted) {
            event.kind = Kind::Plain;
        }
        if !alike {
            event.text.clone_from(&expected.text);
        } else if !is_key {
            expected.text = expand(&expected.text);
        }
        if expected != event {
            return Err(format!("libyaml reads {event:?}, not {expected:?}"));
        }
    }
    Ok(())
}

/// Tells whether libyaml reads the same in a stream as the parser of the crate.
fn is_alike_to_libyaml(stream: &str) -> bool {
    let (Ok(ours), Ok(theirs)) = (events(stream), envref_libyaml::events(stream)) else { return false };
    is_alike(&ours, &theirs)
}

fn is_alike(ours: &[(Event<'_>, Range<usize>)], theirs: &[envref_libyaml::Event]) -> bool {
    // They do not say where the stream starts and ends.
    ours.len() == theirs.len() + 2
        && ours.iter().skip(1).zip(theirs).all(|((ours, _), theirs)| {
            let text = if let Event::Scalar(text, ..) = ours { &**text } else { "" };
            // The parser of the crate says `~` where there is nothing.
            kind(ours) == theirs.kind && (text == theirs.text || text == "~" && theirs.text.is_empty())
        })
}

/// Compares the events of two streams, the text of their scalars, and the bytes between the scalars.
fn same_but_for_scalars(before: &str, after: &str, expand: &dyn Fn(&str) -> String) -> Result<(), String> {
    let (left, right) = (events(before)?, events(after)?);
    if left.len() != right.len() {
        return Err(format!("{} events, were {}", right.len(), left.len()));
    }
    let mut ends = (0, 0);
    // What comes after a block scalar that was quoted: the rest of the line of its header, and the empty lines below.
    let mut moved = String::new();
    let mut keys = Keys::default();
    for ((event, span), (same, span_after)) in left.iter().zip(&right) {
        let is_key = keys.enter(kind(event));
        let (Event::Scalar(text, style, ..), Event::Scalar(text_after, style_after, ..)) = (event, same)
        else {
            if event != same {
                return Err(format!("{same:?}, was {event:?}"));
            }
            continue;
        };
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let is_requoted = is_block && *style_after == ScalarStyle::DoubleQuoted;
        let mut expected = if is_key { text.to_string() } else { expand(text) };
        let changed = expected != **text;
        let last_line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let indent = before[..span.start].rsplit(['\n', '\r']).next().unwrap_or_default().len();
        let is_cut = span.end == before.len() && last_line.len() > indent;
        if is_requoted && is_cut && text.ends_with('\n') {
            // The parser adds a break at the end of a stream without one; the standard and the second parser do not.
            expected.pop();
        }
        if expected != **text_after {
            return Err(format!("{text_after:?}, not {expected:?}"));
        }
        if (event.anchor_id(), event.tag()) != (same.anchor_id(), same.tag()) {
            return Err(format!("{same:?}, was {event:?}"));
        }
        if !changed && (style != style_after || before[span.clone()] != after[span_after.clone()]) {
            return Err(format!("a scalar without a value is now {:?}", &after[span_after.clone()]));
        }
        if (*style != ScalarStyle::Plain) && *style_after == ScalarStyle::Plain {
            return Err(format!("no longer quoted: {:?}", &after[span_after.clone()]));
        }
        let (gap, gap_after) = (&before[ends.0..span.start], &after[ends.1..span_after.start]);
        let gap_after =
            gap_after.strip_prefix(&*moved).ok_or_else(|| format!("no {moved:?} in {gap_after:?}"))?;
        moved.clear();
        if is_requoted {
            let header = gap.strip_prefix(gap_after).filter(|header| header.starts_with(['|', '>']));
            let header = header.ok_or_else(|| format!("{gap_after:?} before a scalar, was {gap:?}"))?;
            let line = header.split(['\n', '\r']).next().unwrap_or_default();
            let comment =
                line.trim_start_matches(['|', '>', '+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
            let body = before[span.clone()].trim_end_matches([' ', '\t', '\n', '\r']);
            let below = before[span.start + body.len()..span.end].trim_start_matches([' ', '\t']);
            moved = comment.to_owned() + &below.replace('\t', "");
        } else if gap != gap_after {
            return Err(format!("{gap_after:?} before a scalar, was {gap:?}"));
        }
        ends = (span.end, span_after.end);
        if (style, style_after) == (&ScalarStyle::Plain, &ScalarStyle::DoubleQuoted) {
            // Blank lines below it may have lost their tabs.
            let rest = &before[span.end..];
            let run = &rest[..rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len()];
            if !after[ends.1..].starts_with(run) {
                let (line, below) = run.split_at(run.find(['\n', '\r']).unwrap_or(run.len()));
                moved = line.to_owned() + &below.replace('\t', "");
                ends.0 += run.len();
            }
        }
    }
    let rest = after[ends.1..].strip_prefix(&*moved).ok_or_else(|| format!("no {moved:?} at the end"))?;
    if before[ends.0..] != *rest {
        return Err(format!("{rest:?} at the end, was {:?}", &before[ends.0..]));
    }
    Ok(())
}

/// Returns the events of a stream with their places.
pub fn events(stream: &str) -> Result<Vec<(Event<'_>, Range<usize>)>, String> {
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    let mut events = Vec::new();
    for next in Parser::new_from_str_with_options(stream, options) {
        let (event, span) = next.map_err(|error| format!("not YAML: {error}"))?;
        events.push((event, span.byte_range().unwrap()));
    }
    Ok(events)
}

pub fn kind(event: &Event<'_>) -> Kind {
    match event {
        Event::SequenceStart(..) => Kind::Sequence,
        Event::MappingStart(..) => Kind::Mapping,
        Event::Alias(_) => Kind::Alias,
        Event::Scalar(_, ScalarStyle::Plain, ..) => Kind::Plain,
        Event::Scalar(..) => Kind::Quoted,
        Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd => Kind::End,
        _ => Kind::Document,
    }
}

/// Tells keys from values.
#[derive(Default)]
pub struct Keys {
    /// For each collection that is open, whether it is (in) a key, and for a mapping whether a key comes next.
    open: Vec<(bool, Option<bool>)>,
}

impl Keys {
    /// Tells whether the event is a key or in one.
    pub fn enter(&mut self, kind: Kind) -> bool {
        match kind {
            Kind::Document => self.open.push((false, None)),
            Kind::End => drop(self.open.pop()),
            _ => {}
        }
        if matches!(kind, Kind::Document | Kind::End) {
            return false;
        }
        let is_key = match self.open.last_mut() {
            Some((nested, Some(key_next))) => {
                let is_key = *nested || *key_next;
                *key_next = !*key_next;
                is_key
            }
            Some((nested, None)) => *nested,
            None => false,
        };
        match kind {
            Kind::Sequence => self.open.push((is_key, None)),
            Kind::Mapping => self.open.push((is_key, Some(true))),
            _ => {}
        }
        is_key
    }
}
