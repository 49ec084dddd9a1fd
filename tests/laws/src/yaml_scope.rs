//! The law of YAML text in a small scope, without exception.

use crate::yaml::{VALUES, events, holds};

/// How much was checked, and what does not hold.
#[derive(Default)]
struct Report {
    checked: u32,
    failures: Vec<String>,
}

impl Report {
    /// Checks the law on `stream` with `value` for `A`. The stream is YAML.
    fn check(&mut self, stream: &str, value: &str) {
        self.checked += 1;
        let vars = |name: &str| (name == "A").then(|| value.to_owned());
        let problem = holds(stream, &vars, &|_| None).err();
        self.failures.extend(problem.map(|it| format!("{stream:?} with {value:?}: {it:.500}")));
    }

    fn finish(self) -> u32 {
        let Self { checked, failures } = self;
        assert!(failures.is_empty(), "{} of {checked}:\n{}", failures.len(), failures.join("\n"));
        checked
    }
}

/// Checks every stream of at most `len` pieces with one reference, and a value of each kind. Returns how often the law was
/// checked.
pub fn short_streams(len: usize) -> u32 {
    let pieces = [
        "$A", "x", " ", "\n", "\t", "\r", "-", ":", "?", "#", "|", ">", "'", "\"", "[", "]", "{", "}", ",",
        "&a ", "!t", "%", "---", "\\", "\u{85}",
    ];
    let values =
        ["x", "", "a: b", "a #b", "#a", "a\nb", " a", "a ", "-", "a\tb", "a?b", "---", "...", "\r", ":a"];
    let mut report = Report::default();
    each_text(&pieces, len, &mut |stream| {
        if stream.matches("$A").count() == 1 && events(stream).is_ok() {
            for value in values {
                report.check(stream, value);
            }
        }
    });
    report.finish()
}

/// Checks every value of at most `len` characters of YAML, in every style of scalars. Returns how often the law was checked.
pub fn short_values(len: usize) -> u32 {
    let pieces = [
        "a", "0", " ", "\t", "\n", "\r", "-", ".", ":", "?", ",", "[", "]", "{", "}", "#", "&", "*", "!",
        "|", ">", "'", "\"", "%", "@", "`", "\\", "=", "<", "_", "é", "\u{85}", "\u{FEFF}", "\0",
    ];
    let streams = [
        "k: $A\nl: x$A\nm: $A:x # $A\nn: a $A b\no:\n  x\n  $A\n  y\n",
        "[$A, x$A, x:$A, a $A b, {k: $A, \"l\":$A}, x\n $A\n y]",
        "- '$A'\n- 'x\n  $A\n  y'\n- \"$A\"\n- \"x\n  $A\n  y\"\n- \"\\x24A\\t$A\"\n",
        "- |\n  $A\n- |-\n  x\n  $A y\n- |+\n  $A\n\n- |1\n  $A\n- |\r\n  $A\r\n  x\r\n- x\n",
        "- >\n  $A\n- >-\n  x\n  $A y\n\n  $A\n- >+\n  $A x\n\n- x\n",
        "$A",
        "x\n$A\ny",
        "|\n $A",
        "--- |\n$A\n",
        "'$A\n$A'\n",
    ];
    let mut report = Report::default();
    each_text(&pieces, len, &mut |value| streams.iter().for_each(|stream| report.check(stream, value)));
    report.finish()
}

/// Calls `found` with every text of at most `len` pieces.
fn each_text(pieces: &[&str], len: usize, found: &mut impl FnMut(&str)) {
    fn extend(text: &mut String, pieces: &[&str], len: usize, found: &mut impl FnMut(&str)) {
        found(text);
        let Some(len) = len.checked_sub(1) else { return };
        for piece in pieces {
            let before = text.len();
            text.push_str(piece);
            extend(text, pieces, len, found);
            text.truncate(before);
        }
    }
    extend(&mut String::new(), pieces, len, found);
}

/// Where a scalar can be: what comes before it, how far its lines are indented, and what comes after it.
const PLACES: [(&str, &str, &str); 33] = [
    ("", "", ""),
    ("--- ", "", ""),
    ("--- ", " ", ""),
    ("# $A\n---\n", "", ""),
    ("%YAML 1.2\n---\n", "", ""),
    ("%TAG !e! tag:e,2026:\n--- !e!t ", "  ", ""),
    ("\u{FEFF}k: ", "  ", ""),
    ("k: ", "  ", ""),
    ("$A: &x ", " ", ""),
    ("k: &x !t ", "   ", ""),
    ("k: !!str ", "  ", ""),
    ("k: ! # $A\n  ", "  ", ""),
    ("k:\t", "  ", ""),
    ("k:\n  ", "  ", ""),
    ("k:\n- ", "  ", ""),
    ("k:\n  - ", "    ", ""),
    ("- ", "  ", ""),
    ("- - ", "    ", ""),
    ("- k: ", "    ", ""),
    ("- x\n...\n---\n- ", "  ", ""),
    ("? [$A, {$A: $A}]\n: ", "  ", ""),
    ("? |\n  $A\n: ", "  ", ""),
    ("[", " ", "]"),
    ("[&x ", " ", ", *x]"),
    ("[\n", "", ",\n# $A\n]"),
    ("k: [x, !t ", "  ", " ]"),
    ("[k: ", " ", "]"),
    ("[? k : ", " ", ", l]"),
    ("{k: ", " ", "}"),
    ("{\"k\":", " ", "}"),
    ("{'k': ", "  ", " , $A: x}"),
    ("k: {l: [[", "  ", "]]}"),
    ("- [$B, {", "  ", ": x}]"),
];

/// Scalars of each style; `~` is a line break with the indentation of the place.
const SCALARS: [&str; 69] = [
    "$A",
    "x$A",
    "$A#",
    "x $A",
    "$A y",
    "x $A y",
    "$A$A",
    "$A:x",
    ":$A",
    "-$A",
    "?$A",
    "a:$A",
    "$A $B ${B}",
    "${A}",
    "$<A>",
    "x~$A",
    "$A~x",
    "x~$A~y",
    "x $A~~$A y",
    "'$A'",
    "'${A}'",
    "'it''s $A'",
    "'$A '",
    "' $A '",
    "'x~$A'",
    "'$A~x'",
    "'x~~$A y'",
    "\"$A\"",
    "\"${A}\"",
    "\"\\x24{A}\"",
    "\"$\\x41 \\U00000024<A>\"",
    "\"\\t$A\\\\\"",
    "\"x~$A\"",
    "\"$A~x\"",
    "\"x~~$A y\"",
    "\"x \\~$A\\~y\"",
    "\"${A\\~}\"",
    "|~$A",
    "|~$A~",
    "|~ $A~  x~y~",
    "|~x~$A~",
    "|~x $A~~$A y~~",
    "|~~$A~",
    "|~x~$A~~ y~",
    "|~#$A~",
    "|~- $A~- x~",
    "|-~$A~",
    "|-~ $A",
    "|-~x~$A~~",
    "|+~$A~~",
    "|+~x $A",
    "| # | c~$A~",
    "|-  # > c~ x~ $A~",
    "|1~ $A~",
    "|2-~  $A x~",
    "|2~   $A~  x~",
    ">~$A",
    ">~$A~",
    ">~ $A~x~",
    ">~x~$A~y~",
    ">~x~ $A~~$A y~~",
    ">~~$A x~",
    ">~#$A~x~",
    ">-~$A~",
    ">-~x~$A",
    ">+~$A x~~",
    ">+ # c~x $A~",
    ">1-~ x $A~ y~",
    ">-~- $A~- x~",
];

/// What can come after a scalar, or the collection around it.
const TAILS: [&str; 12] = [
    "",
    "\n",
    " # $A\n",
    "\t# c\n",
    "\n\n",
    "\n  \n",
    "\n \t\n",
    "\n \t# c\n",
    "\n\t\n",
    "\n\n# c\n",
    "\n...\n",
    "\n--- # $A\nx\n",
];

/// Checks each kind of scalar at each kind of place with each tail, with `rounds` of the values and of the three kinds of
/// line breaks, each time others. Returns how often the law was checked.
pub fn scalars_at_places(rounds: usize) -> u32 {
    let mut report = Report::default();
    let mut number = 0;
    for (before, indent, after) in PLACES {
        for scalar in SCALARS {
            for tail in TAILS {
                let scalar = scalar.replace('~', &format!("\n{indent}"));
                let stream = format!("{before}{scalar}{after}{tail}");
                for _ in 0..rounds {
                    number += 31;
                    let stream = stream.replace('\n', ["\n", "\r\n", "\r"][number % 3]);
                    if events(&stream).is_ok() {
                        report.check(&stream, VALUES[number % VALUES.len()]);
                    }
                }
            }
        }
    }
    report.finish()
}
