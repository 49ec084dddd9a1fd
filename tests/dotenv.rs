//! `.env` files: the table of the dialect, what is refused, and what another reader of such files says.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use arbtest::arbtest;
use envref::dotenv::parse;

/// Expects `text` to say `A=value` and nothing else.
#[track_caller]
fn reads(text: &str, value: &str) {
    let vars = parse(text);
    let vars: Vec<_> = vars.as_ref().unwrap().iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(vars, [("A", value)], "{text:?}");
}

#[track_caller]
fn refuses(text: &str, message: &str) {
    assert_eq!(parse(text).unwrap_err().to_string(), message, "{text:?}");
}

#[test]
fn bare_values_go_to_the_end_of_the_line() {
    reads("A=x", "x");
    reads("A=x y # c", "x y");
    reads("A=x#y", "x#y");
    reads("A=#fff", "#fff");
    reads("A= #fff", "");
    reads("A=x \t#", "x");
    reads("A=", "");
    reads("A=  ", "");
    reads("A=x  ", "x");
    reads("A=x=y", "x=y");
    reads("A==", "=");
    reads("A=it's", "it's");
    reads("A=x\"y\"", "x\"y\"");
    reads(r"A=C:\new", r"C:\new");
    reads("A=\u{A0}x\u{A0}", "\u{A0}x\u{A0}");
}

#[test]
fn quotes_end_where_they_close() {
    reads("A='x y # c'", "x y # c");
    reads("A=''", "");
    reads("A=\"\" # c", "");
    reads("A='x\\n\"$B'", "x\\n\"$B");
    reads(r#"A="x\n\r\t\\\"\$'y""#, "x\n\r\t\\\"$'y");
    reads("A='-----BEGIN\nx\n\n# END'\n", "-----BEGIN\nx\n\n# END");
    reads("A=\"x\r\ny\rz\"\r\n", "x\ny\nz");
    reads("A='x\r\ny\rz'\r\n", "x\ny\nz");
}

#[test]
fn values_are_never_looked_up() {
    for value in ["p@ss$word", "$HOME", "${HOME}", "$<HOME>", "$(id)", "`id`", "${A:-x}", "$$", "%PATH%"] {
        reads(&format!("A={value}"), value);
        reads(&format!("A='{value}'"), value);
        reads(&format!("A=\"{value}\""), value);
    }
    let vars = parse("B=x\nC=$B\n").unwrap();
    assert_eq!(vars["C"], "$B");
}

#[test]
fn lines_are_entries_comments_or_nothing() {
    reads("\u{FEFF}A=x", "x");
    reads("\n\r\n\r  \n\t# B=y\n#\n  A\t=\tx\r", "x");
    reads("export A=x", "x");
    reads(" export \t A = x", "x");
    reads("A=y\nA=x", "x");
    assert_eq!(parse("export=1\nexport = 2\nexport export=3\n").unwrap()["export"], "3");
    assert_eq!(parse("spring.port=1\nnpm-token=2\n_=3\n").unwrap().len(), 3);
    assert!(parse("").unwrap().is_empty());
    assert!(parse("\u{FEFF}").unwrap().is_empty());
}

#[test]
fn a_malformed_line_is_an_error_with_its_number() {
    for line in [
        "A",
        "export A",
        "just words",
        "A B=x",
        "1A=x",
        "=x",
        "é=x",
        "-A=x",
        ".A=x",
        "A: x",
        "export 'A'=x",
        "'A'=x",
    ] {
        refuses(line, "line 1 is not NAME=VALUE");
        refuses(&format!("B='\r\n'\r#\n{line}\nC=\""), "line 4 is not NAME=VALUE");
    }
    refuses("B=x\nA='x\n\n", "line 2 opens a quote that is never closed");
    refuses("B=x\rA=\"x\\\"\n\n", "line 2 opens a quote that is never closed");
    refuses("A='x'y", "line 1 has text after a closing quote");
    refuses("A='x'#y", "line 1 has text after a closing quote");
    refuses("A=\"x\ny\" z", "line 2 has text after a closing quote");
    let escape = "has an unknown escape: use \\n, \\r, \\t, \\$, \\\\ or \\\", or single quotes, which take a backslash literally";
    for text in ["A=\"\n\\d\"", "A=\"\n\\\n\"", "A=\"\n\\"] {
        refuses(text, &format!("line 2 {escape}"));
    }
    assert_eq!(parse("\n\nA").unwrap_err().line(), 3);
}
/// Another crate reads such files, too. Where its dialect is this one, it has to give the same.
#[test]
fn dotenvy_agrees_where_the_dialects_do() {
    arbtest(|u| {
        let mut text = String::new();
        for _ in 0..u.int_in_range(0..=6)? {
            let name = u.choose(&["A", "B_1", "_c", "x.y"])?;
            let before = u.choose(&["", "export ", "# A=comment\n", "\n", " "])?;
            // No blank within a bare value, no `$` that may begin a reference, no quote or backslash outside of quotes, no
            // backslash in single quotes: those mean something else there.
            let pieces = ["a", "B", "0", "-", "=", "é", "/", ":", "@", "%", ".", ","];
            let (open, pieces) = match u.int_in_range(0..=2)? {
                0 => ("", pieces.to_vec()),
                1 => ("'", [&pieces[..], &[" ", "#", "\"", "\n", "$"]].concat()),
                _ => ("\"", [&pieces[..], &[" ", "#", "'", "\n", "\\n", "\\\\", "\\\"", "\\$"]].concat()),
            };
            let mut value = String::new();
            for _ in 0..u.int_in_range(0..=5)? {
                value.push_str(u.choose(&pieces)?);
            }
            let after = u.choose(&["", " ", " # comment"])?;
            text.extend([before, name, "=", open, &value, open, after, "\n"]);
        }
        let theirs: Result<std::collections::BTreeMap<_, _>, _> =
            dotenvy::from_read_iter(text.as_bytes()).collect();
        assert_eq!(parse(&text).unwrap(), theirs.unwrap(), "{text:?}");
        Ok(())
    });
}
