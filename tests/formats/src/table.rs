//! The support table: what the adapter reads, from each format, into each kind of target.
//!
//! Each cell is three documents, written by the format itself: the value as it stands, as one whole reference, and with a
//! reference embedded in it. The table is compared with `src/de/formats.md`; `UPDATE_TABLE=1 cargo test -p envref-formats`
//! writes it there.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::format::Format;
use crate::support::{SECRET, assert_no_secret};
use crate::types::{
    Adjacent, At, Coerced, ContentFirst, EmptyAsNone, Flat, Internal, Kind, Newtype, Port, Tag, Timed,
    Untagged,
};

/// What a format makes of a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cell {
    /// It takes a reference, whole and embedded alike.
    Yes,
    /// It takes the plain value only.
    NoReference,
    /// It does not take the plain value, with the adapter or without.
    No,
}

/// Reads `plain`, which holds the text `text`, and what `template` makes of references to it.
fn cell<T, P, S>(format: Format, plain: &P, template: impl Fn(String) -> S, text: &str, expected: &T) -> Cell
where
    T: DeserializeOwned + PartialEq + Debug + 'static,
    P: Serialize,
    S: Serialize,
{
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    let vars = [("WHOLE", text), ("REST", rest), ("SECRET", SECRET)];
    let plain = format.write(plain).unwrap();
    let written = |text: &str| format.write(&template(text.to_owned())).unwrap();

    for text in ["${SECRET}", "${REST}${SECRET}", "1${SECRET}"] {
        if let Err(error) = format.read::<T>(&written(text), &vars) {
            assert_no_secret(&*error);
        }
    }
    let reads = |text: &str| format.read::<T>(&written(text), &vars).is_ok_and(|read| read == *expected);
    match (reads("${WHOLE}"), reads(&format!("{first}${{REST}}"))) {
        (true, true) => Cell::Yes,
        (false, false) if format.read_directly::<T>(&plain).is_ok_and(|read| read == *expected) => {
            Cell::NoReference
        }
        (false, false) => Cell::No,
        (whole, embedded) => panic!("{format:?} {expected:?}: whole {whole}, embedded {embedded}"),
    }
}

type Row = (&'static str, [Cell; Format::ALL.len()]);

fn row<T, P, S>(name: &'static str, expected: T, plain: P, text: &str, template: impl Fn(String) -> S) -> Row
where
    T: DeserializeOwned + PartialEq + Debug + 'static,
    P: Serialize,
    S: Serialize,
{
    (name, Format::ALL.map(|format| cell(format, &plain, &template, text, &expected)))
}

/// Makes the row of a target that is written as it is read: in it the text stands for the value.
macro_rules! row {
    ($name:literal, $x:ident: $value:expr, $text:literal => $shape:expr) => {{
        let shape = || {
            let $x = $value;
            $shape
        };
        row($name, shape(), shape(), $text, |$x| $shape)
    }};
}

fn rows() -> Vec<Row> {
    let duration = Duration::from_secs(90);
    let address = SocketAddr::from(([127, 0, 0, 1], 80));
    let at = |v: String| At { v };
    let content_first = |port: String| ContentFirst { content: Port { port }, z_kind: Tag::A };
    let plain_content_first = || ContentFirst { content: Port { port: 8080_u16 }, z_kind: Tag::A };
    vec![
        row!("`bool`", x: true, "true" => At { v: x }),
        row!("`i8`", x: -12_i8, "-12" => At { v: x }),
        row!("`i16`", x: -12_i16, "-12" => At { v: x }),
        row!("`i32`", x: -12_i32, "-12" => At { v: x }),
        row!("`i64`", x: -12_i64, "-12" => At { v: x }),
        row("`i128`", At { v: -12_i128 }, At { v: -12_i64 }, "-12", at),
        row("`i128` with `coerce`", Coerced { port: -12_i128 }, Port { port: -12_i64 }, "-12", |port| Port {
            port,
        }),
        row!("`u8`", x: 80_u8, "80" => At { v: x }),
        row!("`u16`", x: 8080_u16, "8080" => At { v: x }),
        row!("`u32`", x: 8080_u32, "8080" => At { v: x }),
        row!("`u64`", x: 8080_u64, "8080" => At { v: x }),
        row("`u128`", At { v: 8080_u128 }, At { v: 8080_u64 }, "8080", at),
        row!("`f32`", x: 0.5_f32, "0.5" => At { v: x }),
        row!("`f64`", x: -0.25_f64, "-0.25" => At { v: x }),
        row!("`char`", x: 'é', "é" => At { v: x }),
        row!("`String`", x: "0123".to_owned(), "0123" => At { v: x }),
        row!("`NonZeroU16`", x: NonZeroU16::new(8080).unwrap(), "8080" => At { v: x }),
        row!("`Option<u16>`", x: 8080_u16, "8080" => At { v: Some(x) }),
        row!("`Option<String>`", x: "text".to_owned(), "text" => At { v: Some(x) }),
        row!("a newtype", x: 8080_u16, "8080" => At { v: Newtype(x) }),
        row!("a tuple", x: 8080_u16, "8080" => At { v: (x, true) }),
        row!("`Vec<u16>`", x: 8080_u16, "8080" => At { v: vec![x] }),
        row!("a map", x: 8080_u16, "8080" => At { v: BTreeMap::from([("$WHOLE".to_owned(), x)]) }),
        row!("`PathBuf`", x: PathBuf::from("/srv/data"), "/srv/data" => At { v: x }),
        row!("`SocketAddr`", x: address, "127.0.0.1:80" => At { v: x }),
        row("`Duration` with `humantime-serde`", Timed { v: duration }, at("1m 30s".into()), "1m 30s", at),
        row("an enum: unit variant", At { v: Kind::<u16>::Mail }, At { v: Kind::<u16>::Mail }, "mail", at),
        row!("an enum: newtype variant", x: 8080_u16, "8080" => At { v: Kind::New(x) }),
        row!("an enum: tuple variant", x: 8080_u16, "8080" => At { v: Kind::Pair(x, true) }),
        row!("an enum: struct variant", x: 8080_u16, "8080" => At { v: Kind::Full { port: x } }),
        row!("`flatten`: `String`", x: "text".to_owned(), "text" => Flat { v: Port { port: x } }),
        row!("`flatten`: `u16`", x: 8080_u16, "8080" => Flat { v: Port { port: x } }),
        row!("`flatten`: `u16` with `coerce`", x: 8080_u16, "8080" => Flat { v: Coerced { port: x } }),
        row!(
            "`flatten`: `Option<u16>` with `empty_as_none`",
            x: 8080_u16, "8080" => Flat { v: EmptyAsNone { port: Some(x) } }
        ),
        row!("internally tagged: `u16`", x: 8080_u16, "8080" => Internal::A(Port { port: x })),
        row!("internally tagged: `u16` with `coerce`", x: 8080_u16, "8080" => Internal::A(Coerced { port: x })),
        row!("untagged: `u16`", x: 8080_u16, "8080" => Untagged::A(Port { port: x })),
        row!("untagged: `u16` with `coerce`", x: 8080_u16, "8080" => Untagged::A(Coerced { port: x })),
        row(
            "adjacently tagged, content first: `u16`",
            Adjacent::A(Port { port: 8080_u16 }),
            plain_content_first(),
            "8080",
            content_first,
        ),
        row(
            "adjacently tagged, content first: `u16` with `coerce`",
            Adjacent::A(Coerced { port: 8080_u16 }),
            plain_content_first(),
            "8080",
            content_first,
        ),
    ]
}

const LEGEND: &str = "\
*yes*: the target takes a reference, whole (`\"${X}\"`) or embedded (`\"1${X}\"`). A number: it takes the plain value but no \
reference, for the reason below. *no*: it does not take the plain value either, with the adapter or without.
";

/// Why a cell is not yes.
const REASONS: &[&str] = &[
    "The adapter asks for such an integer, since formats may lose digits otherwise, and the format rejects a text: use `coerce`.",
    "The format has no integers of 128 bits.",
    "The format reads addresses as numbers, not as text.",
    "The format itself compares the names of variants, before they can be expanded.",
    "serde reads the type into a buffer first: use `coerce`.",
    "Asked for a character, the format rejects a longer text before it can be expanded.",
];

/// Returns the number of the reason why a cell is not yes.
fn reason(target: &str, cell: Cell) -> Option<usize> {
    match (target, cell) {
        ("`i128`" | "`u128`", Cell::NoReference) => Some(1),
        ("`i128`" | "`u128`", Cell::No) => Some(2),
        ("`SocketAddr`", Cell::NoReference) => Some(3),
        ("an enum: unit variant", Cell::NoReference) => Some(4),
        ("`char`", Cell::NoReference) => Some(6),
        (buffered, Cell::NoReference) if buffered.ends_with(": `u16`") => Some(5),
        _ => None,
    }
}

fn table() -> String {
    let names = Format::ALL.map(|format| format!("`{}`", format.name())).join(" | ");
    let mut table = format!("{LEGEND}\n| target | {names} |\n|---{}|\n", "|---".repeat(Format::ALL.len()));
    for (target, cells) in rows() {
        let cells = cells.map(|cell| match (cell, reason(target, cell)) {
            (Cell::Yes, _) => "yes".to_owned(),
            (Cell::NoReference, Some(reason)) => reason.to_string(),
            (Cell::No, Some(reason)) => format!("no, {reason}"),
            (_, None) => panic!("{target} is {cell:?} without a reason"),
        });
        table += &format!("| {target} | {} |\n", cells.join(" | "));
    }
    table += "\n";
    for (index, reason) in REASONS.iter().enumerate() {
        table += &format!("{}. {reason}\n", index + 1);
    }
    table + "\n" + &crate::identity::table()
}

#[test]
fn the_support_table_is_what_is_supported() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/de/formats.md");
    if env::var_os("UPDATE_TABLE").is_some() {
        fs::write(path, table()).unwrap();
    } else {
        let shown = fs::read_to_string(path).unwrap();
        assert_eq!(shown, table(), "run UPDATE_TABLE=1 cargo test -p envref-formats");
    }
}
