//! The law of YAML text, checked without the code that has to keep it: by the bytes, by the events of the parser, and by
//! the values that a second parser reads.

#![allow(clippy::similar_names, reason = "before and after")]

use std::ops::Range;

use envref::{Expander, Unset, from_fn, yaml};
use granit_parser::{Event, Parser, ScalarStyle};
use serde::Deserialize as _;
use yaml_serde::{Deserializer, Value};

use crate::oracle;

/// Gives the value of a variable.
pub type Get<'a> = dyn Fn(&str) -> Option<String> + Sync + 'a;

/// Checks the laws on a file of the fuzzer: the value of `A`, which is the caller's, that of `B`, which is the host's, and a
/// stream, with a byte 0xFF after each value.
pub fn check(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == 0xFF).map(std::str::from_utf8);
    let (Some(Ok(a)), Some(Ok(b)), Some(Ok(stream))) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let get = |wanted: &str, value: &str, name: &str| (name == wanted).then(|| value.to_owned());
    let vars = |name: &str| get("A", a, name);
    let host = |name: &str| get("B", b, name);
    no_value_shows_in_errors(stream);
    let lookups = (from_fn(vars), from_fn(host));
    let expander = Expander::new(&lookups.0).fallback(&lookups.1);
    let result = yaml::expand(stream, &expander);
    if events(stream).is_err() {
        // What is not looked at, because there is no reference in it, need not be YAML.
        assert!(result.is_err() || result.is_ok_and(|result| std::ptr::eq(result.as_ref(), stream)));
        return;
    }
    let result = result.unwrap();
    if yaml::explain(stream, &expander).unwrap().is_empty() {
        assert!(std::ptr::eq(result.as_ref(), stream));
    }
    let expand = |text: &str| oracle::expand(text, &vars, &host);
    same_but_for_scalars(stream, &result, &expand).unwrap();
}

/// No value, be it the caller's or the host's, is in an error, nor anything that a terminal would act upon.
fn no_value_shows_in_errors(stream: &str) {
    const SECRET: &str = "s3cr3t: [\"#\n";
    if stream.contains("s3cr3t") {
        return;
    }
    let vars = from_fn(|name| (name == "A").then_some(SECRET));
    let host = from_fn(|name| (name == "B").then_some(SECRET));
    let expander = Expander::new(&vars).fallback(&host);
    for expander in [expander.on_unset(Unset::Reject), expander.output_limit(stream.len() + 1), expander] {
        if let Err(error) = yaml::expand(stream, &expander) {
            assert!(!format!("{error} {error:?} {}", error.render(stream)).contains("s3cr3t"));
            assert!(!oracle::acts_on_terminals(&format!("{error}{}", error.render(stream))));
            assert!(!error.sites().iter().any(|it| it.path().is_none_or(oracle::acts_on_terminals)));
        }
    }
}

/// Expands `stream` and returns the result, or what is wrong with it. `stream` has to be YAML to the parser of the crate.
pub fn holds(stream: &str, vars: &Get<'_>, host: &Get<'_>) -> Result<String, String> {
    let lookups = (from_fn(vars), from_fn(host));
    let expander = Expander::new(&lookups.0).fallback(&lookups.1);
    let result = yaml::expand(stream, &expander);
    let result = result.map_err(|error| format!("refused: {error}"))?;
    let expand = |text: &str| oracle::expand(text, vars, host);
    let has_aliased_keys = same_but_for_scalars(stream, &result, &expand)?;
    // The second parser may refuse what the first reads, but not the result alone. It puts values in the place of aliases,
    // so that a value may be a key there and the other way round.
    if let (false, Ok(before)) = (has_aliased_keys, documents(stream)) {
        let after = documents(&result).map_err(|error| format!("not YAML to the second parser: {error}"))?;
        is_expansion(&Value::Sequence(before), &Value::Sequence(after), &expand)?;
    }
    Ok(result.into_owned())
}

/// Reads a stream with the second parser.
pub fn documents(stream: &str) -> Result<Vec<Value>, yaml_serde::Error> {
    Deserializer::from_str(stream).map(Value::deserialize).collect()
}

/// Checks that `after` is what `before` has to become.
fn is_expansion(before: &Value, after: &Value, expand: &dyn Fn(&str) -> String) -> Result<(), String> {
    let mut all = true;
    match (before, after) {
        (Value::String(before), after) => {
            let text = expand(before);
            // A plain scalar may have become a number. Then its text alone reads as that number.
            let is_read_from = |text: &str| yaml_serde::from_str(text).ok().as_ref() == Some(after);
            all = *after == Value::String(text.clone())
                || !after.is_string() && text != *before && is_read_from(&text);
        }
        (Value::Sequence(before), Value::Sequence(after)) if before.len() == after.len() => {
            before.iter().zip(after).try_for_each(|(before, after)| is_expansion(before, after, expand))?;
        }
        (Value::Mapping(before), Value::Mapping(after)) if before.len() == after.len() => {
            for ((key, before), (same, after)) in before.iter().zip(after) {
                all &= key == same;
                is_expansion(before, after, expand)?;
            }
        }
        (Value::Tagged(before), Value::Tagged(after)) if before.tag == after.tag => {
            is_expansion(&before.value, &after.value, expand)?;
        }
        (before, after) => all = before == after,
    }
    if all { Ok(()) } else { Err(format!("reads as {after:?}, was {before:?}")) }
}

/// Compares the events of two streams, the text of their scalars, and the bytes between the scalars. Tells whether there
/// are keys with an anchor, or aliases for keys.
fn same_but_for_scalars(before: &str, after: &str, expand: &dyn Fn(&str) -> String) -> Result<bool, String> {
    let (left, right) = (events(before)?, events(after)?);
    if left.len() != right.len() {
        return Err(format!("{} events, were {}", right.len(), left.len()));
    }
    let mut ends = (0, 0);
    // What comes after a block scalar that was quoted: the rest of the line of its header, and the empty lines below.
    let mut moved = String::new();
    let mut keys = Keys::default();
    let mut has_aliased_keys = false;
    for ((event, span), (same, span_after)) in left.iter().zip(&right) {
        let is_key = keys.enter(event);
        has_aliased_keys |= is_key && (event.anchor_id().is_some() || event.is_alias());
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
    }
    let rest = after[ends.1..].strip_prefix(&*moved).ok_or_else(|| format!("no {moved:?} at the end"))?;
    if before[ends.0..] != *rest {
        return Err(format!("{rest:?} at the end, was {:?}", &before[ends.0..]));
    }
    Ok(has_aliased_keys)
}

/// Returns the events of a stream with their places.
fn events(stream: &str) -> Result<Vec<(Event<'_>, Range<usize>)>, String> {
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    let mut events = Vec::new();
    for next in Parser::new_from_str_with_options(stream, options) {
        let (event, span) = next.map_err(|error| format!("not YAML: {error}"))?;
        events.push((event, span.byte_range().unwrap()));
    }
    Ok(events)
}

/// Tells keys from values.
#[derive(Default)]
struct Keys {
    /// For each collection that is open, whether it is (in) a key, and for a mapping whether a key comes next.
    open: Vec<(bool, Option<bool>)>,
}

impl Keys {
    /// Tells whether the event is a key or in one.
    fn enter(&mut self, event: &Event<'_>) -> bool {
        if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            self.open.pop();
        }
        if !matches!(
            event,
            Event::Scalar(..) | Event::Alias(_) | Event::SequenceStart(..) | Event::MappingStart(..)
        ) {
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
        match event {
            Event::SequenceStart(..) => self.open.push((is_key, None)),
            Event::MappingStart(..) => self.open.push((is_key, Some(true))),
            _ => {}
        }
        is_key
    }
}
