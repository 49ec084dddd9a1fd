//! A document without references is read as without the adapter: the same value, or the same error. What differs all the
//! same is known, and has a name and a reason.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::CString;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_bytes::ByteBuf;

use crate::format::Format;
use crate::plain::plain_values;
use crate::types::{
    Adjacent, At, Closed, Coerced, EmptyAsNone, Flat, Internal, Kind, Newtype, Port, Timed, Unit, Untagged,
};

/// What was read, or why not, as it is shown.
type Outcome = Result<String, String>;

/// Reads a document directly, and through the adapter, which coerces or does not.
type Both = fn(Format, &[u8], bool) -> [Outcome; 2];

fn both<T: DeserializeOwned + Debug + 'static>(
    format: Format,
    document: &[u8],
    coerces: bool,
) -> [Outcome; 2] {
    let shown = |result: Result<T, Box<dyn Error>>| match result {
        Ok(value) => Ok(format!("{value:?}")),
        Err(error) => Err(error.to_string()),
    };
    // There is nothing that could refer to it.
    let vars = [("a", "x"), ("A", "x")];
    // `config` panics where a text names a variant that has content.
    let caught = |read: &dyn Fn() -> Outcome| {
        catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("a panic".to_owned()))
    };
    let through = || if coerces { format.coerce(document, &vars) } else { format.read(document, &vars) };
    [caught(&|| shown(format.read_directly(document))), caught(&|| shown(through()))]
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
    i32,
    i64,
    i128,
    u8,
    u16,
    u64,
    u128,
    f32,
    f64,
    char,
    String,
    NonZeroU16,
    Option<bool>,
    Option<u16>,
    Option<f32>,
    Option<char>,
    Option<Kind<u16>>,
    Unit,
    Newtype<u16>,
    Newtype<f32>,
    (u16, bool),
    (f32, char),
    Vec<u8>,
    Vec<u16>,
    Vec<f32>,
    Vec<char>,
    ByteBuf,
    CString,
    BTreeMap<String, u16>,
    BTreeMap<String, char>,
    BTreeMap<char, u16>,
    BTreeMap<bool, u16>,
    BTreeMap<i8, u16>,
    BTreeMap<i128, u16>,
    BTreeMap<Kind<u16>, u16>,
    BTreeMap<Vec<u16>, u16>,
    PathBuf,
    SocketAddr,
    Duration,
    Range<u16>,
    Result<u16, String>,
    Timed,
    Kind<u16>,
    Kind<f32>,
    Kind<char>,
    Kind<Option<u16>>,
    Port<u16>,
    Port<char>,
    Closed,
    IgnoredAny,
    Coerced<u16>,
    EmptyAsNone<u16>,
    Flat<Port<u16>>,
    Flat<BTreeMap<String, f32>>,
    Flat<Option<Port<u16>>>,
    Internal<Port<u16>>,
    Internal<Port<f32>>,
    Untagged<u16>,
    Untagged<f32>,
    Untagged<char>,
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
];

/// What is read from a whole document.
const AT_TOP: &[(&str, Both)] =
    targets![u16, f32, String, Option<u16>, Kind<u16>, Port<u16>, Internal<Port<u16>>, serde_json::Value,];

/// A document, a target, and what was read.
struct Cell {
    format: Format,
    target: String,
    document: String,
    direct: Outcome,
    through: Outcome,
}

/// What the adapter changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Difference {
    /// Another value.
    Value,
    /// A value where there was an error.
    Accepts,
    /// An error where there was a value.
    Refuses,
    /// Another message.
    Message,
    /// The same message with another place.
    Place,
}

impl Difference {
    fn is_of_words(self) -> bool {
        matches!(self, Self::Message | Self::Place)
    }
}

impl Cell {
    fn difference(&self) -> Option<Difference> {
        match (&self.direct, &self.through) {
            (direct, through) if direct == through => None,
            (Ok(_), Ok(_)) => Some(Difference::Value),
            (Err(_), Ok(_)) => Some(Difference::Accepts),
            (Ok(_), Err(_)) => Some(Difference::Refuses),
            (Err(direct), Err(through)) => {
                let is_same = without_place(direct) == without_place(through);
                Some(if is_same { Difference::Place } else { Difference::Message })
            }
        }
    }

    fn is_of(&self, documents: &[&str]) -> bool {
        documents.contains(&self.document.as_str())
    }

    fn reads_wide_integer(&self) -> bool {
        self.target.contains("128")
    }

    fn reads_float(&self) -> bool {
        self.target.contains("f32") || self.target.contains("f64")
    }
}

/// Returns a message of `serde_json` or `toml` without its place.
fn without_place(message: &str) -> String {
    let message = message.split_once(" at line ").map_or(message, |(message, _)| message);
    let lines: Vec<_> = message.lines().filter(|line| !line.contains(['|', '^'])).collect();
    lines.join("\n").replace("TOML parse error", "")
}

fn cells(formats: &[Format], coerces: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for &format in formats {
        for plain in plain_values(format) {
            let at_key = plain.at_key(format);
            let at_key = AT_KEY.iter().map(|(target, both)| (*target, "", both(format, &at_key, coerces)));
            let at_top = plain.at_top(format).map(|document| {
                let both = move |both: &Both| both(format, document, coerces);
                AT_TOP.iter().map(move |(target, it)| (*target, ", at the top", both(it)))
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

/// A known difference: what it is, why, and where.
struct Known {
    what: &'static str,
    why: &'static str,
    covers: fn(&Cell, Difference) -> bool,
}

const PLACE: Known = Known {
    what: "another place in a message",
    why: "asked for a number, the format rejects a text before it has read it",
    covers: |_, it| it == Difference::Place,
};

const KEY: Known = Known {
    what: "a key that looks like a reference, where an enum is expected",
    why: "the message says that keys are not expanded",
    covers: |cell, _| matches!(&cell.through, Err(message) if message.contains("keys are not expanded")),
};

const MESSAGE: Known = Known {
    what: "another message",
    why: "asked for a number or a name, the format has other words for what it finds instead",
    covers: |_, it| it == Difference::Message,
};

const F32: Known = Known {
    what: "the rounding and the range of `f32`",
    why: "the format gives an `f64`, which is rounded again and is infinite beyond the range",
    covers: |cell, it| {
        let close = ["1.00000017881393432617187499", "3.4028235677973366e38"];
        let large = [
            "1e39",
            "1e308",
            "340282366920938463463374607431768211455",
            "340282366920938463463374607431768211456",
        ];
        let is_rounded = it == Difference::Value && cell.is_of(&close);
        let is_infinite = it == Difference::Accepts && cell.is_of(&large);
        matches!(cell.format, Format::Json | Format::Saphyr | Format::Ron)
            && cell.target.contains("f32")
            && (is_rounded || is_infinite)
    },
};

const ZERO: Known = Known {
    what: "the sign of `-0`",
    why: "asked for any value, the format gives the integer 0",
    covers: |cell, _| cell.format != Format::Config && cell.is_of(&["-0"]),
};

const INFINITE: Known = Known {
    what: "infinity and NaN",
    why: "asked for any value, `serde-saphyr` rejects them",
    covers: |cell, it| {
        it == Difference::Refuses
            && cell.format == Format::Saphyr
            && cell.is_of(&[".inf", "-.inf", "+.Inf", ".nan"])
    },
};

const FORM: Known = Known {
    what: "an integer where a float is expected",
    why: "asked for a float, the format takes fewer forms of a number than asked for any value",
    covers: |cell, it| {
        let forms = ["0x1F", "-0x1F", "0o17", "0b101", "1_000", "!!int 80", "!!int '80'"];
        let is_taken = cell.format == Format::Cbor || cell.is_of(&forms);
        it == Difference::Accepts && cell.reads_float() && is_taken
    },
};

const LEADING_ZERO: Known = Known {
    what: "a float with a leading zero",
    why: "asked for any value, `yaml_serde` gives a text",
    covers: |cell, it| {
        it == Difference::Refuses && cell.format == Format::Yaml && cell.is_of(&["012", "017", "08"])
    },
};

const OWN_TAG: Known = Known {
    what: "a number or a bool with a tag of YAML's own",
    why: "asked for a number or a bool, the format ignores the tag; asked for any value, it obeys it",
    covers: |cell, _| {
        let tagged = ["!!str 80", "!<tag:yaml.org,2002:str> 80", "!!float 1", "!!int '80'", "!!bool 'true'"];
        match cell.format {
            Format::Yaml => cell.is_of(&tagged),
            Format::Saphyr => cell.is_of(&["! 80"]),
            _ => false,
        }
    },
};

const UNTAGGED: Known = Known {
    what: "a tag in an untagged type",
    why: "`serde-saphyr` knows serde's buffer by the name of its type, which the adapter wraps",
    covers: |cell, _| {
        cell.format == Format::Saphyr && cell.target.contains("Untagged") && cell.document.contains('!')
    },
};

const TEXT: Known = Known {
    what: "a text as a number or a bool",
    why: "the format converts a text only if it is asked for a number; `Deserializer::coerce` does so, too",
    covers: |cell, it| {
        let is_text = cell.document.contains(['"', '\'']);
        it == Difference::Refuses && is_text && matches!(cell.format, Format::Saphyr | Format::Config)
    },
};

const CONVERSION: Known = Known {
    what: "numbers and bools as each other",
    why: "`config` converts them only if it is asked for a type",
    covers: |cell, it| it == Difference::Refuses && cell.format == Format::Config,
};

const TYPED: Known = Known {
    what: "a number of RON that names its type",
    why: "asked for another type, `ron` rejects it",
    covers: |cell, it| {
        let typed = ["80u8", "80u16", "-1i8", "b'a'", "1.5f32", "1.5f64", "inff32"];
        it == Difference::Accepts && cell.format == Format::Ron && cell.is_of(&typed)
    },
};

const WIDE: Known = Known {
    what: "an integer beyond 64 bits",
    why: "asked for any value, `serde-saphyr` gives a float",
    covers: |cell, it| {
        it == Difference::Refuses && cell.format == Format::Saphyr && cell.reads_wide_integer()
    },
};

const NARROW: Known = Known {
    what: "an integer of 128 bits",
    why: "`config` has none by itself",
    covers: |cell, it| {
        it == Difference::Accepts && cell.format == Format::Config && cell.reads_wide_integer()
    },
};

const RUST: Known = Known {
    what: "a text that the format does not take for a number",
    why: "`coerce` has the syntax of Rust",
    covers: |cell, it| {
        let texts = ["!!str 80", "!<tag:yaml.org,2002:str> 80", "inf", "nan"];
        it == Difference::Accepts && cell.format == Format::Saphyr && cell.is_of(&texts)
    },
};

/// Every difference is one of these, the first that covers it. One that covers nothing any more has to go.
const KNOWN: &[Known] = &[
    PLACE,
    KEY,
    MESSAGE,
    F32,
    ZERO,
    INFINITE,
    FORM,
    LEADING_ZERO,
    OWN_TAG,
    UNTAGGED,
    TEXT,
    CONVERSION,
    TYPED,
];

/// The same where the adapter coerces, in the formats that convert text by themselves.
const KNOWN_COERCED: &[Known] =
    &[MESSAGE, F32, ZERO, INFINITE, FORM, UNTAGGED, CONVERSION, WIDE, NARROW, RUST];

/// Returns the part of the table that tells what is read otherwise than without the adapter.
pub(crate) fn table() -> String {
    let plain = cells(&Format::ALL, false);
    let coerced = cells(&[Format::Saphyr, Format::Config], true);
    format!(
        "## Documents without references\n\n\
         {} values in the syntax of their formats, each read into {} types with the adapter and without: {} pairs. In {} of \
         them something else is read, or refused; in {} a message has other words. In the others nothing differs.\n\n{}\n\
         ## Documents without references, with coercion\n\n\
         The same with `Deserializer::coerce`, on the formats that convert text by themselves: {} pairs.\n\n{}",
        Format::ALL.map(|format| plain_values(format).len()).iter().sum::<usize>(),
        AT_KEY.len(),
        plain.len(),
        count(&plain, |it| !it.is_of_words()),
        count(&plain, Difference::is_of_words),
        differences(&plain, KNOWN),
        coerced.len(),
        differences(&coerced, KNOWN_COERCED),
    )
}

fn count(cells: &[Cell], is_meant: fn(Difference) -> bool) -> usize {
    cells.iter().filter_map(Cell::difference).filter(|it| is_meant(*it)).count()
}

/// Returns the table of what differs, all of which has to be known.
fn differences(cells: &[Cell], known: &[Known]) -> String {
    let mut found: Vec<Vec<&Cell>> = known.iter().map(|_| Vec::new()).collect();
    let mut unknown = Vec::new();
    for cell in cells {
        let Some(difference) = cell.difference() else { continue };
        let Cell { format, target, document, direct, through } = cell;
        match known.iter().position(|known| (known.covers)(cell, difference)) {
            Some(index) => found[index].push(cell),
            None => unknown.push(format!(
                "{difference:?}: {} {document:?} into {target}\n    {direct:?}\n    {through:?}",
                format.name()
            )),
        }
    }
    assert!(unknown.is_empty(), "{} differences are not known:\n{}", unknown.len(), unknown.join("\n"));

    let mut table = "| what differs | why | pairs that do | example |\n|---|---|---|---|\n".to_owned();
    for (Known { what, why, .. }, cells) in known.iter().zip(&found) {
        let counts: Vec<_> = Format::ALL
            .into_iter()
            .map(|format| (format, cells.iter().filter(|cell| cell.format == format).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(format, count)| format!("`{}` {count}", format.name()))
            .collect();
        let Some(Cell { document, target, .. }) = cells.first() else {
            panic!("{what}: nothing differs any more, so take it out of the known");
        };
        let document = document.replace('|', "\\|");
        table += &format!("| {what} | {why} | {} | `{document}` into `{target}` |\n", counts.join(", "));
    }
    table
}
