//! Several YAML streams as one: document after document, with every byte of each. The result is parsed before it is
//! written.

use std::borrow::Cow;

use granit_parser::{Event, Options, Parser, ScanError, StrInput};

/// Why streams do not become one. Each has the index of the stream at fault.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unjoinable {
    /// It is not YAML.
    NoYaml(usize),
    /// After those before it, its documents would change.
    Changed(usize),
}

/// Returns the documents of all `streams` as one stream (YAML 1.2.2 §9.2). A single stream is returned as it is.
pub(crate) fn join<'a>(streams: &[&'a str]) -> Result<Cow<'a, str>, Unjoinable> {
    if let [stream] = streams {
        return Ok(Cow::Borrowed(stream));
    }
    let mut joined = String::with_capacity(streams.iter().map(|it| it.len() + "\n---\n".len()).sum());
    let mut last = End::NoDocument;
    for (index, stream) in streams.iter().enumerate() {
        let start = start(stream).map_err(|_| Unjoinable::NoYaml(index))?;
        // At the start of a stream, a byte order mark is not a part of it; within one, most parsers reject it.
        let stream = stream.strip_prefix('\u{FEFF}').unwrap_or(stream);
        if start == Start::NoDocument && stream.trim().is_empty() {
            continue;
        }
        joined.push_str(separator(last, start, stream));
        joined.push_str(stream);
        if !stream.ends_with(['\n', '\r']) {
            joined.push('\n');
        }
        last = match start {
            Start::NoDocument if last == End::Open => End::Closed,
            Start::NoDocument => last,
            _ if is_closed(stream) => End::Closed,
            _ => End::Open,
        };
    }
    check(&joined, streams)?;
    Ok(Cow::Owned(joined))
}

/// What a stream begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// It is empty, or comments alone.
    NoDocument,
    /// A document without `---`.
    Bare,
    /// A document with `---`, after comments and directives perhaps.
    Marked,
}

/// What there is before a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    NoDocument,
    /// A document that goes on until something ends it.
    Open,
    /// A document that was ended by `...`.
    Closed,
}

fn separator(before: End, start: Start, stream: &str) -> &'static str {
    match (before, start) {
        (End::NoDocument, _) | (End::Closed, Start::NoDocument | Start::Marked) => "",
        (End::Open | End::Closed, Start::Bare) => "---\n",
        (End::Open, Start::Marked) if is_marker("---", stream) => "",
        // Comments and directives would belong to the document before.
        (End::Open, Start::Marked | Start::NoDocument) => "...\n",
    }
}

fn start(stream: &str) -> Result<Start, ScanError> {
    for event in parser(stream) {
        match event?.0 {
            Event::DocumentStart(true, _) => return Ok(Start::Marked),
            Event::DocumentStart(false, _) => return Ok(Start::Bare),
            _ => {}
        }
    }
    Ok(Start::NoDocument)
}

/// Tells whether the last thing in a stream, other than comments, is a `...`.
fn is_closed(stream: &str) -> bool {
    let lines = stream.rsplit(['\n', '\r']);
    let mut lines = lines.filter(|line| !line.trim_start().is_empty() && !line.trim_start().starts_with('#'));
    lines.next().is_some_and(|line| is_marker("...", line))
}

/// Tells whether `text` begins with a marker, and not with a plain scalar such as `---x`.
fn is_marker(marker: &str, text: &str) -> bool {
    text.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

fn parser(stream: &str) -> Parser<'_, StrInput<'_>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    Parser::new_from_str_with_options(stream, options)
}

/// Checks that `joined` has the events of all `streams`, whether or not a document begins with `---`.
fn check(joined: &str, streams: &[&str]) -> Result<(), Unjoinable> {
    let is_of_a_document = |event: &Event<'_>| !matches!(event, Event::StreamStart | Event::StreamEnd);
    let mut together = parser(joined);
    let mut anchors = together.anchor_offset();
    for (index, stream) in streams.iter().enumerate() {
        let mut alone = parser(stream);
        alone.set_anchor_offset(anchors);
        while let Some(event) = alone.next_event() {
            let (event, _) = event.map_err(|_| Unjoinable::NoYaml(index))?;
            if is_of_a_document(&event) {
                let same = loop {
                    match together.next_event() {
                        Some(Ok((other, _))) if !is_of_a_document(&other) => {}
                        Some(Ok((other, _))) => break is_same(&event, &other),
                        Some(Err(_)) | None => break false,
                    }
                };
                if !same {
                    return Err(Unjoinable::Changed(index));
                }
            }
        }
        anchors = alone.anchor_offset();
    }
    let rest_is_over = together.all(|event| event.is_ok_and(|(event, _)| !is_of_a_document(&event)));
    if rest_is_over { Ok(()) } else { Err(Unjoinable::Changed(streams.len().saturating_sub(1))) }
}

fn is_same(event: &Event<'_>, other: &Event<'_>) -> bool {
    match (event, other) {
        (Event::DocumentStart(_, version), Event::DocumentStart(_, other)) => version == other,
        _ => event == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn joins(streams: &[&str], joined: &str) {
        assert_eq!(join(streams).as_deref(), Ok(joined));
    }

    #[test]
    fn a_single_stream_stays_as_it_is() {
        for stream in ["", "a: 1", "\u{FEFF}# c", "[not YAML"] {
            joins(&[stream], stream);
        }
    }

    #[test]
    fn a_document_is_separated_from_the_one_before() {
        joins(&["a: 1\n", "b: 1\n"], "a: 1\n---\nb: 1\n");
        joins(&["a: 1", "b: 1"], "a: 1\n---\nb: 1\n");
        joins(&["a: 1\n", "--- b\n"], "a: 1\n--- b\n");
        joins(&["a: 1\n", "---\r\nb: 1\r\n"], "a: 1\n---\r\nb: 1\r\n");
        joins(&["a: 1\n", "---x: 1\n"], "a: 1\n---\n---x: 1\n");
        joins(&["a: |\n  b\n", "c: 1\n", "d: 1\n"], "a: |\n  b\n---\nc: 1\n---\nd: 1\n");
    }

    #[test]
    fn comments_and_directives_belong_to_the_document_after_them() {
        joins(&["a: 1\n", "# licence\n---\na: 1\n"], "a: 1\n...\n# licence\n---\na: 1\n");
        joins(&["a: 1\n", "# licence\nb: 1\n"], "a: 1\n---\n# licence\nb: 1\n");
        joins(&["a: 1\n", "%YAML 1.2\n--- b\n"], "a: 1\n...\n%YAML 1.2\n--- b\n");
        joins(&["a: 1\n", "# c\n%YAML 1.2\n--- b\n"], "a: 1\n...\n# c\n%YAML 1.2\n--- b\n");
        joins(&["a: |+\n  b\n\n", "\n# c\n---\nb: 1\n"], "a: |+\n  b\n\n...\n\n# c\n---\nb: 1\n");
    }

    #[test]
    fn a_document_that_was_ended_is_not_ended_again() {
        joins(&["a: 1\n...\n", "%YAML 1.2\n--- b\n"], "a: 1\n...\n%YAML 1.2\n--- b\n");
        joins(&["a: 1\n... # c\n\n# d\n", "# c\n--- b\n"], "a: 1\n... # c\n\n# d\n# c\n--- b\n");
        joins(&["a: 1\n...", "b: 1\n"], "a: 1\n...\n---\nb: 1\n");
        joins(&["a: |\n  ...\n", "# c\n--- b\n"], "a: |\n  ...\n...\n# c\n--- b\n");
    }

    #[test]
    fn a_stream_without_a_document_adds_none() {
        joins(&["a: 1\n", "", "b: 1\n"], "a: 1\n---\nb: 1\n");
        joins(&["a: 1\n", "\n \n", "b: 1\n"], "a: 1\n---\nb: 1\n");
        joins(&["a: 1\n", "# c\n"], "a: 1\n...\n# c\n");
        joins(&["a: 1\n", "# c", "# d\n", "b: 1\n"], "a: 1\n...\n# c\n# d\n---\nb: 1\n");
        joins(&["# c\n", "a: 1\n"], "# c\na: 1\n");
        joins(&["# c\n", "%YAML 1.2\n--- a\n"], "# c\n%YAML 1.2\n--- a\n");
        joins(&["", "# c\n", "\u{FEFF}"], "# c\n");
    }

    #[test]
    fn a_byte_order_mark_is_of_no_use_within_a_stream() {
        joins(&["\u{FEFF}a: 1\n", "\u{FEFF}b: 1\n", "\u{FEFF}---\nc: 1\n"], "a: 1\n---\nb: 1\n---\nc: 1\n");
    }

    #[test]
    fn anchors_are_those_of_their_own_stream() {
        joins(&["- &a 1\n- *a\n", "- &a 2\n- *a\n"], "- &a 1\n- *a\n---\n- &a 2\n- *a\n");
        assert_eq!(join(&["- &a 1\n", "- *a\n"]), Err(Unjoinable::NoYaml(1)));
    }

    #[test]
    fn what_is_no_yaml_is_named() {
        assert_eq!(join(&["a: [\n", "b: 1\n"]), Err(Unjoinable::NoYaml(0)));
        assert_eq!(join(&["a: 1\n", "b: {\n", "c: 1\n"]), Err(Unjoinable::NoYaml(1)));
        assert_eq!(join(&["a: 1\n", "%YAML 1.2\n"]), Err(Unjoinable::NoYaml(1)));
    }

    #[test]
    fn another_parser_reads_the_same_documents() {
        let streams = [
            "a: 1\n",
            "---x: 1",
            "# licence\n---\na: 1\n",
            "",
            "# c\n",
            "%YAML 1.1\n---\nb: |\n  t\n",
            "--- |\n t\n",
            "a: |+\n  t\n\n\n",
            "- x\n...\n",
            "\u{FEFF}c: 1\n",
            "--- a\n--- b\n",
            "\"q\nr\"\n",
            "---\n",
        ];
        let documents = |text: &str| {
            let documents = yaml_serde::Deserializer::from_str(text);
            let mut read = Vec::<yaml_serde::Value>::new();
            for document in documents {
                // After an error, this iterator would go on for ever.
                read.push(serde::Deserialize::deserialize(document).map_err(|error| error.to_string())?);
            }
            Ok::<_, String>(read)
        };
        // That parser takes a stream without a document for a null.
        let alone =
            |text: &str| if start(text) == Ok(Start::NoDocument) { Ok(Vec::new()) } else { documents(text) };
        for a in streams {
            for b in streams {
                for c in streams {
                    let joined = join(&[a, b, c]).unwrap_or_default();
                    let expected = [alone(a), alone(b), alone(c)];
                    let expected: Vec<_> = expected.into_iter().flat_map(Result::unwrap_or_default).collect();
                    if expected.is_empty() {
                        continue;
                    }
                    let joined = documents(&joined);
                    let expected = Ok(expected);
                    assert_eq!(joined, expected, "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}
