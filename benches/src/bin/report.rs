//! Writes what criterion measured into `benches/README.md`, as tables of ratios, and draws
//! `benches/speed.svg`:
//!
//! ```sh
//! for run in 1 2; do cargo bench -p envref-benches --benches -- --save-baseline run$run; done
//! cargo run -p envref-benches
//! ```
//!
//! A benchmark is named group/parameter/contender. Of each the fastest sample of all runs counts: what a busy machine adds
//! is never less than nothing. Each is divided by the first of [`BASES`] that its row has, or by the fastest.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use svg::Document;
use svg::node::element::{Rectangle, Style, Text, Title};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What other contenders are measured by: the same work with the answer known, without the crate, or a part of it.
const BASES: [&str; 5] = ["floor", "direct", "parse", "serialize", "10 MB"];

/// The groups that go into the report, by table.
const TABLES: [(&str, &[&str]); 5] = [
    ("work", &["never", "rare", "common", "dense", "whole", "embedded", "mixed", "literal"]),
    ("adapter", &["adapter"]),
    ("text mode", &["yaml"]),
    ("saving", &["origins"]),
    ("growth", &["growth"]),
];

/// The order of columns. Others follow by name.
const COLUMNS: [&str; 14] = [
    "floor",
    "search",
    "direct",
    "parse",
    "envref",
    "shellexpand",
    "subst",
    "varsubst",
    "envsubst",
    "rush-var",
    "noyalib",
    "10 MB",
    "20 MB",
    "100 MB",
];

/// The order of parameters. Others follow by name.
const PARAMETERS: [&str; 8] = ["scalar", "scalar-fast", "4k", "4k-fast", "64k", "64k-fast", "1m", "1m-fast"];

/// A row of a table: its name, and nanoseconds by contender.
struct Row {
    name: String,
    times: BTreeMap<String, f64>,
}

impl Row {
    fn base(&self) -> f64 {
        let fastest = self.times.values().copied().fold(f64::INFINITY, f64::min);
        BASES.iter().find_map(|base| self.times.get(*base)).copied().unwrap_or(fastest)
    }

    fn ratio(&self, contender: &str) -> Option<f64> {
        Some(self.times.get(contender)? / self.base())
    }
}

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut measured = Vec::new();
    read(&target.join("criterion"), &mut measured)?;

    let tables = TABLES.map(|(title, groups)| (title, rows(&measured, groups)));
    let mut text = format!("\n![Bars of the table below](speed.svg)\n\n{}\n", machine()?);
    for (title, rows) in tables.iter().filter(|(_, rows)| !rows.is_empty()) {
        text += &table(title, rows);
    }
    replace(&root.join("benches/README.md"), &text)?;
    svg::save(root.join("benches/speed.svg"), &picture(&tables[0].1))?;
    Ok(())
}

/// Collects group, parameter, contender and time of each benchmark of each run under `directory`.
fn read(directory: &Path, measured: &mut Vec<([String; 3], f64)>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.join("sample.json").exists() {
            let benchmark: Value = serde_json::from_slice(&fs::read(path.join("benchmark.json"))?)?;
            let name = ["group_id", "function_id", "value_str"]
                .map(|key| benchmark[key].as_str().unwrap_or_default().to_owned());
            let sample: Value = serde_json::from_slice(&fs::read(path.join("sample.json"))?)?;
            let numbers = |key: &str| sample[key].as_array().into_iter().flatten().filter_map(Value::as_f64);
            let times = numbers("times").zip(numbers("iters")).map(|(time, iterations)| time / iterations);
            measured.push((name, times.fold(f64::INFINITY, f64::min)));
        } else if path.is_dir() {
            read(&path, measured)?;
        }
    }
    Ok(())
}

/// The position of `name` among `known` names, then the name.
fn order<'a>(known: &[&str], name: &'a str) -> (usize, &'a str) {
    (known.iter().position(|it| *it == name).unwrap_or(known.len()), name)
}

/// Makes the rows of a table, one for each group and parameter.
fn rows(measured: &[([String; 3], f64)], groups: &[&str]) -> Vec<Row> {
    let mut rows = BTreeMap::new();
    for ([group, parameter, contender], time) in measured {
        if let Some(at) = groups.iter().position(|it| it == group) {
            let row = rows.entry((at, order(&PARAMETERS, parameter))).or_insert_with(|| Row {
                name: if groups.len() > 1 { format!("{group} {parameter}") } else { parameter.clone() },
                times: BTreeMap::new(),
            });
            let fastest = row.times.entry(contender.clone()).or_insert(*time);
            *fastest = fastest.min(*time);
        }
    }
    rows.into_values().collect()
}

/// Writes a table of ratios, the best of each row in bold. The base is given as a time.
fn table(title: &str, rows: &[Row]) -> String {
    let mut columns: Vec<&str> = rows.iter().flat_map(|row| row.times.keys().map(String::as_str)).collect();
    columns.sort_by_key(|name| order(&COLUMNS, name));
    columns.dedup();
    let is_base = |name: &str| BASES.contains(&name);

    let mut table =
        format!("\n| {title} | {} |\n|---|{}\n", columns.join(" | "), "--:|".repeat(columns.len()));
    for row in rows {
        let contenders = columns.iter().filter(|name| !is_base(name));
        let best = contenders.filter_map(|name| row.ratio(name)).fold(f64::INFINITY, f64::min);
        let cells = columns.iter().map(|name| match row.ratio(name) {
            None => String::new(),
            Some(_) if is_base(name) => time(row.base()),
            Some(ratio) if ratio == best && title != "growth" => format!("**{ratio:.2}**"),
            Some(ratio) => format!("{ratio:.2}"),
        });
        let name = row.name.replace("-fast", ", fast hasher");
        table += &format!("| {name} | {} |\n", cells.collect::<Vec<_>>().join(" | "));
    }
    table
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.1} ms", nanoseconds / 1e6),
    }
}

/// Says what was measured on.
fn machine() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let rustc = String::from_utf8(Command::new("rustc").arg("--version").output()?.stdout)?;
    let rustc = rustc.split(" (").next().unwrap_or_default();
    Ok(format!("Measured on {}, {}, with {rustc}.", cpu.unwrap_or("an unknown processor"), env::consts::OS))
}

/// Puts `text` between the markers of the report.
fn replace(readme: &Path, text: &str) -> Result<()> {
    const MARKERS: [&str; 2] = ["<!-- report -->\n", "<!-- /report -->"];
    let old = fs::read_to_string(readme)?;
    let parts = old.split_once(MARKERS[0]).zip(old.split_once(MARKERS[1]));
    let ((before, _), (_, after)) = parts.ok_or("no markers in benches/README.md")?;
    fs::write(readme, format!("{before}{}{text}\n{}{after}", MARKERS[0], MARKERS[1]))?;
    Ok(())
}

/// Draws, for each row with the standard hasher, a bar for the floor, for envref and for the fastest rival.
fn picture(rows: &[Row]) -> Document {
    const LABELS: f64 = 150.0;
    const SCALE: f64 = 70.0;
    const BAR: f64 = 9.0;
    const WIDTH: f64 = 760.0;
    // What is longer is cut.
    const LONGEST: f64 = (WIDTH - LABELS - 130.0) / SCALE;

    let rows: Vec<&Row> = rows.iter().filter(|row| !row.name.ends_with("-fast")).collect();
    let style = "text { font: 12px sans-serif; fill: #1f2328 } .small { font-size: 9px } .floor { fill: #afb8c1 } \
                 .envref { fill: #0969da } .rival { fill: #d4a72c } .page { fill: #ffffff } \
                 @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .page { fill: #0d1117 } .floor { fill: #57606a } }";
    let height = 46.0 + rows.iter().map(|row| bars(row).len() as f64 * BAR + 10.0).sum::<f64>();
    let label = |x: f64, y: f64, text: &str| Text::new(text).set("x", x).set("y", y);
    let mut document = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("width", WIDTH)
        .add(Title::new("Times of expansion, as multiples of the floor"))
        .add(Style::new(style))
        .add(Rectangle::new().set("class", "page").set("width", "100%").set("height", "100%"))
        .add(label(
            8.0,
            22.0,
            "Time as a multiple of the floor (shorter is better): floor, envref, fastest rival",
        ));
    let mut y = 38.0;
    for row in rows {
        let bars = bars(row);
        document = document.add(label(8.0, y + bars.len() as f64 * BAR / 2.0 + 4.0, &row.name));
        for (class, name, ratio) in bars {
            let length = ratio.min(LONGEST) * SCALE;
            let bar = Rectangle::new().set("class", class).set("x", LABELS).set("y", y);
            document = document.add(bar.set("width", format!("{length:.1}")).set("height", BAR - 1.0));
            let cut = if ratio > LONGEST { "… " } else { "" };
            let text = label(LABELS + length + 5.0, y + BAR - 1.5, &format!("{cut}{name} {ratio:.2}"));
            document = document.add(text.set("class", "small"));
            y += BAR;
        }
        y += 10.0;
    }
    document
}

/// Returns class, name and ratio of the bars of `row`.
fn bars(row: &Row) -> Vec<(&'static str, &str, f64)> {
    let named = |name: &'static str| row.ratio(name).map(|ratio| (name, name, ratio));
    let rivals = row.times.keys().filter(|name| !["floor", "envref"].contains(&name.as_str()));
    let rivals = rivals.filter_map(|name| Some(("rival", name.as_str(), row.ratio(name)?)));
    let fastest = rivals.min_by(|a, b| a.2.total_cmp(&b.2));
    [named("floor"), named("envref"), fastest].into_iter().flatten().collect()
}
