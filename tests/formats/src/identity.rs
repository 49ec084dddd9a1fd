//! A document without references is read as without the adapter: the same value, or the same error.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::ffi::CString;
use std::fmt::Debug;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU16, Wrapping};
use std::ops::{Bound, Range};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_bytes::ByteBuf;

use crate::format::Format;
use crate::plain::plain_values;
use crate::types::{
    Adjacent, At, Closed, Coerced, EmptyAsNone, Flat, Internal, Kind, Newtype, Port, Timed, Unit, Untagged,
};

/// What was read, or why not, as it is shown.
type Outcome = Result<String, String>;

/// Reads a document directly, and through the adapter.
type Both = fn(Format, &[u8]) -> [Outcome; 2];

fn both<T: DeserializeOwned + Debug + 'static>(format: Format, document: &[u8]) -> [Outcome; 2] {
    let shown = |result: Result<T, Box<dyn Error>>| match result {
        Ok(value) => Ok(format!("{value:?}")),
        Err(error) => Err(error.to_string()),
    };
    // There is nothing that could refer to it.
    let vars = [("a", "x"), ("A", "x")];
    let c = |f: &dyn Fn() -> Outcome| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_or(Err("PANIC".into()))
    };
    [c(&|| shown(format.read_directly(document))), c(&|| shown(format.read(document, &vars)))]
}

macro_rules! targets {
    ($($type:ty),* $(,)?) => {
        &[$((stringify!($type), both::<$type>)),*]
    };
    (At; $($type:ty),* $(,)?) => {
        &[$((stringify!($type), both::<At<$type>>)),*]
    };
}

/// What is read from the value of a key.
const AT_KEY: &[(&str, Both)] = targets![At;
    (),
    bool,
    i8,
    i16,
    i32,
    i64,
    i128,
    u8,
    u16,
    u32,
    u64,
    u128,
    f32,
    f64,
    char,
    String,
    Cow<'static, str>,
    NonZeroU16,
    Wrapping<i32>,
    Option<()>,
    Option<bool>,
    Option<u16>,
    Option<f32>,
    Option<char>,
    Option<String>,
    Option<Kind<u16>>,
    Option<Vec<u16>>,
    Unit,
    Newtype<u16>,
    Newtype<f32>,
    Newtype<Option<u16>>,
    (u16, bool),
    (f32, char),
    [u16; 2],
    Vec<u8>,
    Vec<u16>,
    Vec<f32>,
    Vec<char>,
    Vec<String>,
    Vec<Option<u16>>,
    Vec<Vec<u16>>,
    Vec<()>,
    BTreeSet<u16>,
    ByteBuf,
    CString,
    BTreeMap<String, u16>,
    BTreeMap<String, char>,
    BTreeMap<char, u16>,
    BTreeMap<bool, u16>,
    BTreeMap<i8, u16>,
    BTreeMap<u64, u16>,
    BTreeMap<i128, u16>,
    BTreeMap<Option<u16>, u16>,
    BTreeMap<Kind<u16>, u16>,
    BTreeMap<Vec<u16>, u16>,
    BTreeMap<(u16, bool), u16>,
    PathBuf,
    IpAddr,
    SocketAddr,
    Duration,
    SystemTime,
    Range<u16>,
    Bound<u16>,
    Result<u16, String>,
    Timed,
    Kind<()>,
    Kind<u16>,
    Kind<f32>,
    Kind<char>,
    Kind<Option<u16>>,
    Kind<String>,
    Port<u16>,
    Port<char>,
    Port<Option<Port<u16>>>,
    Closed,
    IgnoredAny,
    Coerced<u16>,
    EmptyAsNone<u16>,
    Flat<Port<u16>>,
    Flat<BTreeMap<String, u16>>,
    Flat<BTreeMap<String, f32>>,
    Flat<Option<Port<u16>>>,
    Internal<Port<u16>>,
    Internal<Port<f32>>,
    Untagged<u16>,
    Untagged<f32>,
    Untagged<char>,
    Untagged<(u16, bool)>,
    Untagged<Kind<u16>>,
    Untagged<Port<u16>>,
    Adjacent<Port<u16>>,
    serde_json::Value,
    serde_json::Number,
    toml::Value,
    toml::value::Datetime,
    toml::Spanned<u16>,
    yaml_serde::Value,
    ron::Value,
    ciborium::Value,
    figment::value::Value,
];

/// What is read from a whole document.
const AT_TOP: &[(&str, Both)] = targets![
    (),
    bool,
    u16,
    i128,
    f32,
    char,
    String,
    Option<u16>,
    Newtype<f32>,
    (u16, bool),
    Vec<u16>,
    BTreeMap<char, u16>,
    Kind<u16>,
    Port<u16>,
    Internal<Port<u16>>,
    Untagged<Port<u16>>,
    serde_json::Value,
];

/// A document, a target, and what was read.
struct Cell {
    format: Format,
    target: String,
    document: String,
    direct: Outcome,
    through: Outcome,
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for format in Format::ALL {
        for plain in plain_values(format) {
            let at_key = plain.at_key(format);
            let at_key = AT_KEY.iter().map(|(target, both)| (*target, "", both(format, &at_key)));
            let at_top = plain.at_top(format).map(|document| {
                AT_TOP.iter().map(move |(target, both)| (*target, " (top)", both(format, document)))
            });
            for (target, place, [direct, through]) in at_key.chain(at_top.into_iter().flatten()) {
                let target = format!("{target}{place}");
                let document = plain.shown.clone();
                cells.push(Cell { format, target, document, direct, through });
            }
        }
    }
    cells
}

#[test]
fn explore() {
    std::panic::set_hook(Box::new(|_| {}));
    let cells = cells();
    for c in &cells {
        if format!("{:?}{:?}", c.direct, c.through).contains("PANIC") {
            println!("PANIC {} {} {}", c.format.name(), c.target, c.document);
        }
    }
    let shown = |outcome: &Outcome| match outcome {
        Ok(value) => format!("Ok {value}"),
        Err(error) => format!("Err {error:?}"),
    };
    let mut out = String::new();
    let mut different = 0;
    for cell in &cells {
        if cell.direct != cell.through {
            different += 1;
            out += &format!(
                "{}\t{}\t{}\t{}\t{}\n",
                cell.format.name(),
                cell.target,
                cell.document.escape_debug(),
                shown(&cell.direct),
                shown(&cell.through)
            );
        }
    }
    std::fs::write("/tmp/cells.tsv", out).unwrap();
    println!("{} cells, {different} different", cells.len());
}
