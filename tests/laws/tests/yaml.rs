//! The law of YAML text on streams and values that nobody wrote, what holds for a secret and for explanations, and the files of the fuzzer.

#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "a table, and streams made of pieces")]

use arbitrary::Unstructured;
use arbtest::arbtest;

use envref_laws::replay::replay;
use envref_laws::yaml as law;

use envref::{ErrorKind, Expander, Paths, Provenance, Site, Unset, from_fn, yaml};

/// Pieces of which values are built.
const VALUE_PIECES: [&str; 40] = [
    "a", "b c", " ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", ":", ": ", "#", " #", "-", "- ", "---", "...",
    "?", "? ", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "\\", "%", "@", "`", "\u{85}",
    "\u{2028}", "\u{FEFF}", "\0", "é",
];

/// Pieces of which the texts of scalars are built, in every style.
const TEXT_PIECES: [&str; 33] = [
    "$A", "$A", "$A", "${A}", "$<B>", "$A", "$B", "a${NO}", "${A:-", "}", "?", "\u{85}", "\u{2028}", "x",
    "yz", " ", " ", "  ", "\t", "''", "\\n", "\\x24A", "\\\n", "-", ":", "#", ",", "\n", "\n", "\n\n", "\r",
    "\r\n", "é",
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
        if law::events(&stream).is_err() {
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
        let result = match yaml::expand(&stream, &expander) {
            Err(error) if error.kind() == ErrorKind::Inexpressible => return Ok(()),
            result => result.unwrap(),
        };
        let reaches = |site: &Site| site.provenance() == Provenance::Fallback;
        assert_eq!(result.contains(SECRET), sites.iter().any(reaches), "{stream:?}");
        assert!(sites.iter().all(|site| !reaches(site) || site.is_whole()));
        for expander in [expander.on_unset(Unset::Reject), expander.output_limit(3)] {
            if let Err(error) = yaml::expand(&stream, &expander) {
                assert!(!format!("{error} {error:?} {}", error.render(&stream)).contains(SECRET));
            }
        }
        Ok(())
    });
}

#[test]
fn explanation_and_expansion_agree() {
    arbtest(|u| {
        let stream = stream(u)?;
        let vars = [("A", "a")];
        let expander = Expander::new(&vars);
        let Ok(sites) = yaml::explain(&stream, &expander) else { return Ok(()) };
        let missing: Vec<_> =
            sites.iter().filter(|it| matches!(it.provenance(), Provenance::Missing(_))).collect();
        match yaml::expand(&stream, &expander.on_unset(Unset::Reject)) {
            Ok(_) => assert!(missing.is_empty()),
            Err(error) if error.kind() == ErrorKind::Inexpressible => {}
            Err(error) => assert!(error.sites().iter().eq(missing)),
        }
        for site in &sites {
            // Without escapes and folds, a site stands in the stream as it is read.
            let written = &stream[site.span()];
            assert!(written == site.text() || written.contains(['\\', '\n', '\r', '\'']), "{stream:?}");
            // A path is a pattern for its own value; the empty one, of a document that is one scalar, is none.
            let Ok(paths) = Paths::new(site.path()) else { continue };
            assert!(yaml::explain(&stream, &expander.paths(&paths)).unwrap().contains(site), "{stream:?}");
        }
        Ok(())
    });
}

#[test]
fn files_of_the_fuzz_target_yaml() {
    replay("yaml", law::check);
}
