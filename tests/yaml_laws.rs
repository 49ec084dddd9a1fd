//! The law of YAML text, checked by the crate's parser and by a second one: structure and keys stay, the text of every value
//! is the expansion of its text, and what was quoted is a string.

#![allow(clippy::string_slice, clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "a table, and streams made of pieces")]
#![cfg(feature = "yaml")]

use arbitrary::Unstructured;
use arbtest::arbtest;
use envref::{Expander, Paths, Site, Unset, from_fn, yaml};
use envref_laws::{replay, yaml as law};

/// Streams in which `A` is the variable under test and `B` is unset. Each in every style of scalars.
const TEMPLATES: [&str; 102] = [
    "k: |\r  x\r  $A\r  y\r",
    ">\r x\r $A\n y\r",
    "x\r$A\ny\r",
    "k: x\r  $A\r\n  y\r",
    "'x\r$A\ny'\r",
    "\"x\r$A\ny\"\r",
    "k: \"x\\\r  $A\r\r  y\"\r",
    "k:\n  - $A\n    x\n",
    ">\n\n one\n $A\n",
    "x\n...\n--- |\n $A\n",
    "k: $A\n  x\n",
    "- k: |\n    $A\n  l: x\n",
    "k: |\n  $A",
    "k: |+\n  x\n  $A",
    "k: |-\n  $A",
    "k: >\n  one\n  $A",
    "--- |\n  $A",
    "k: $A\n",
    "k: ${A}",
    "k: $<A> # comment\n",
    "k: x $A y\n",
    "k: $A$A\n",
    "k: $A:x\n",
    "k: :$A\n",
    "k: -$A\n",
    "k: a:$A\n",
    "k: a $A#\n",
    "k:\n  $A\n",
    "k:\n  first\n  $A\n  last\nl: x\n",
    "k: first\n  $A and\n\n  $A\n",
    "- $A\n",
    "-   $A\n- - $A\n  - x\n",
    "$A",
    "--- $A\n",
    "---\n$A\n...\n",
    "one\n$A\ntwo\n",
    "k: '$A'\n",
    "k: 'it''s $A'\n",
    "k: ' $A '\n",
    "k: 'one\n  $A\n\n  two $A'\n",
    "'one\n$A\n'",
    "k: \"$A\"\n",
    "k: \"\\x24{A}\"\n",
    "k: \"\\u0024A \\U00000024<A>\"\n",
    "k: \"$\\x41\"\n",
    "k: \"\\t$A\\n\\\"\"\n",
    "k: \"${A\\\n  }\"\n",
    "k: \"one\n  $A\n\n  two $A\"\n",
    "k: \"one \\\n  $A\\\n  two\"\n",
    "\"one\n$A\n\"",
    "k: |\n  $A\n",
    "k: |\n  $A\nl: x\n",
    "k: |-\n  $A\nl: x\n",
    "k: |+\n  $A\n\n\nl: x\n",
    "k: |\n  first $A\n  $A last\n\n\n",
    "k: |\n  first\n  $A\n\n  last\n",
    "k: |\n\n  $A\n",
    "k: |2\n    $A\n",
    "k: |2-\n  $A\n",
    "k: | # comment | > $A\n  $A\n# comment\nl: x\n",
    "k: !t |\n  $A\n",
    "k: &x |\n  $A\nl: *x\n",
    "k: &x\n  # | no header\n  !t\n  |\n  $A\n",
    "- |\n $A\n- |\n $A\n",
    "- - |\n   $A\n",
    "--- |\n  $A\n  x\n...\n",
    "k: >\n  $A\n",
    "k: >-\n  one\n  $A\n\n  two\n   more $A\n  x\n",
    "k: >+\n  $A two\n\nl: x\n",
    "- >\n  $A\n- x\n",
    "[$A]\n",
    "[$A, '$A', \"$A\"]\n",
    "{k: $A}\n",
    "{k: $A, l: [$<A>, x $A]}\n",
    "{\"k\":$A}\n",
    "{\"k\":\"${A}\"}\n",
    "[\n  $A,\n  # $A\n  one\n  $A\n]\n",
    "[k: $A, l]\n",
    "[? k : $A]\n",
    "? k\n: $A\n",
    "? |\n  $A\n: |\n  $A\n",
    "? [$A, {$A: $A}]\n: $A\n",
    "$A: $A\n${A}: x\n",
    "{$A: $A}\n",
    "k: &x $A\nl: *x\n",
    "k: !t $A\n",
    "k: !!str $A\n",
    "k: &x !t '$A'\n",
    "\u{FEFF}k: $A\n",
    "k: $A\r\nl: '$A'\r\n",
    "k: |\r\n  $A\r\n  x\r\nl: >\r\n  $A\r\n",
    "k: \"one\r\n  $A\"\r\n",
    "k: one\r\n  $A\r\n",
    "k: $A\n---\nk: $A\n...\n---\n- $A\n",
    "%YAML 1.2\n---\nk: $A\n",
    "%TAG !e! tag:e,2026:\n---\nk: !e!t $A\n",
    "k:\t$A\t# comment\n",
    "k: a\t$A\n",
    "k: $A \n\n\n",
    "k: {a: {b: [[$A]]}}\nl: x\n",
    "k: $A $B ${B}\n",
    "# $A\nk: [] # $A\nl: $A\n",
];

/// Values that a careless hand would let break a document.
const VALUES: [&str; 130] = [
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
];

fn values() -> impl Iterator<Item = String> {
    let long = ["0123456789".repeat(1024), "a b: c #\n".repeat(1024)];
    VALUES.into_iter().map(ToOwned::to_owned).chain(long)
}

#[test]
fn the_law_holds_for_every_template_and_every_value() {
    let mut failures = Vec::new();
    for template in TEMPLATES {
        assert!(law::documents(template).is_ok(), "{template:?}");
        for value in values() {
            let vars = |name: &str| (name == "A").then(|| value.clone());
            let result = law::holds(template, &vars, &|_| None);
            failures
                .extend(result.err().map(|problem| format!("{template:?} with {value:.100?}: {problem}")));
        }
    }
    assert!(failures.is_empty(), "{}: {}", failures.len(), failures.join("\n"));
}

/// Pieces of which values are built.
const VALUE_PIECES: [&str; 40] = [
    "a", "b c", " ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", ":", ": ", "#", " #", "-", "- ", "---", "...",
    "?", "? ", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "\\", "%", "@", "`", "\u{85}",
    "\u{2028}", "\u{FEFF}", "\0", "é",
];

/// Pieces of which the texts of scalars are built, in every style. There is no `?`, which libyaml takes for the indicator
/// of a key in a flow collection even where it begins a word.
const TEXT_PIECES: [&str; 28] = [
    "$A", "$A", "$A", "${A}", "$<B>", "$A", "$B", "a${NO}", "x", "yz", " ", " ", "  ", "\t", "''", "\\n",
    "\\x24A", "\\\n", "-", ":", "#", ",", "\n", "\n", "\n\n", "\r", "\r\n", "é",
];

fn joined(u: &mut Unstructured<'_>, pieces: &[&'static str], most: usize) -> arbitrary::Result<String> {
    let mut joined = String::new();
    for _ in 0..u.int_in_range(0..=most)? {
        joined.push_str(u.choose(pieces)?);
    }
    Ok(joined)
}

/// Makes a stream that is often YAML: entries in one of several shapes, each with a scalar of random style.
fn stream(u: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    let mut stream = String::new();
    for _ in 0..u.int_in_range(1..=3)? {
        let text = joined(u, &TEXT_PIECES, 6)?;
        let indented = |by: &str| text.replace('\n', &format!("\n{by}"));
        let block = ["|", ">", "|-", "|+", ">-", ">+", "|2", "| # c"];
        let entry = match u.int_in_range(0..=11)? {
            0 => format!("k: {}\n", indented("  ")),
            1 => format!("k: '{}' # c\n", indented("  ")),
            2 => format!("k: \"{}\"\n", indented("  ")),
            3 => format!("k: {}\n  {}\n", u.choose(&block)?, indented("  ")),
            4 => format!("- k: {}\n    {}\n\n", u.choose(&block)?, indented("    ")),
            5 => format!("- {}\n", indented("  ")),
            6 => format!("- [{}, '{}']\n", indented("  "), indented(" ")),
            7 => format!("{{k: {}, \"l\": x}}\n", indented(" ")),
            8 => format!("--- {}\n  {}\n", u.choose(&block)?, indented("  ")),
            9 => format!("? |\n  x\n: &x !t {}\n  {}\n", u.choose(&block)?, indented("  ")),
            10 => format!("k: {}\n  {}", u.choose(&block)?, indented("  ")),
            _ => format!("--- {text}\n"),
        };
        stream.push_str(&entry);
    }
    Ok(if u.ratio(1, 4)? { stream.replace('\n', "\r\n") } else { stream })
}

#[test]
fn the_law_holds_for_streams_and_values_made_of_pieces() {
    let (mut tried, mut checked) = (0_u32, 0_u32);
    arbtest(|u| {
        tried += 1;
        let (first, second) = (joined(u, &VALUE_PIECES, 4)?, joined(u, &VALUE_PIECES, 4)?);
        let stream = stream(u)?;
        // libyaml takes a tab before a comment or an empty line for a token, but not after a plain scalar.
        let has_blank_tab = stream.lines().any(|line| {
            let text = line.trim_start();
            line[..line.len() - text.len()].contains('\t') && (text.is_empty() || text.starts_with('#'))
        });
        if has_blank_tab || granit_parser::Parser::new_from_str(&stream).any(|event| event.is_err()) {
            return Ok(());
        }
        checked += 1;
        let vars = |name: &str| match name {
            "A" => Some(first.clone()),
            "B" => Some(second.clone()),
            "NO" => None,
            // With a part of the text after it, the name is longer.
            _ => Some("v".to_owned()),
        };
        if let Err(problem) = law::holds(&stream, &vars, &|_| None) {
            panic!("{stream:?} with A={first:?} B={second:?}: {problem}");
        }
        Ok(())
    });
    assert!(checked > tried / 10, "{checked} of {tried} streams were YAML");
}

#[test]
fn a_secret_in_the_fallback_shows_only_where_a_reference_to_it_is_the_whole_value() {
    const SECRET: &str = "s3cr3t-0f-the-h0st";
    arbtest(|u| {
        let stream = stream(u)?;
        let vars = [("A", "a"), ("Ax", "b")];
        let host = from_fn(|_| Some(SECRET));
        let expander = Expander::new(&vars).fallback(&host);
        let Ok(sites) = yaml::explain(&stream, &expander) else { return Ok(()) };
        let reaches = |site: &Site| site.is_whole() && !vars.iter().any(|(name, _)| *name == site.name());

        let result = yaml::expand(&stream, &expander).unwrap();
        assert_eq!(
            result.contains(SECRET),
            sites.iter().filter(|site| !site.name().is_empty()).any(reaches),
            "{stream:?}"
        );
        for expander in [expander.on_unset(Unset::Reject), expander.output_limit(3)] {
            if let Err(error) = yaml::expand(&stream, &expander) {
                assert!(!format!("{error} {error:?} {}", error.render(&stream)).contains(SECRET));
            }
        }
        Ok(())
    });
}

#[test]
fn explanations_agree_with_expansion() {
    arbtest(|u| {
        let stream = stream(u)?;
        let expander = Expander::new(&[("A", "a")]);
        let Ok(sites) = yaml::explain(&stream, &expander) else { return Ok(()) };
        let missing: Vec<_> = sites.iter().filter(|site| site.reason().is_some()).cloned().collect();
        assert!(sites.iter().all(|site| (site.reason().is_none()) == matches!(site.name(), "A" | "")));
        match yaml::expand(&stream, &expander.on_unset(Unset::Reject)) {
            Ok(_) => assert!(missing.is_empty()),
            Err(error) => assert_eq!(error.sites(), missing),
        }
        // A path is a pattern for its own value; the empty one, of a document that is one scalar, is none.
        for site in &sites {
            let paths = Paths::new(site.path()).unwrap_or_default();
            let selected = yaml::explain(&stream, &expander.paths(&paths)).unwrap();
            assert!(selected.contains(site), "{stream:?}");
        }
        Ok(())
    });
}

#[test]
fn files_of_the_fuzz_target_yaml() {
    replay::replay("yaml", law::check);
}
