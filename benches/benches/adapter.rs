//! The serde adapter beside reading directly, on documents without references, in which it has nothing to do.
//!
//! What counts is the ratio. It is measured by taking turns, so that a busy machine slows both alike, and printed after
//! the figures of criterion:
//!
//! ```sh
//! cargo bench -p envref-benches --bench adapter             # everything
//! cargo bench -p envref-benches --bench adapter -- ratio    # only the ratios
//! ```
//!
//! Times of one process depend on the layout of its memory. `benches/instructions` counts instead.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use envref::{Expander, Paths, de};
use envref_benches::documents::{self, Message, Organisation, Series, Sum};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A way to read a text: how to call it, and a function that gives a sum of what it read.
type Way<'a> = (&'a str, Box<dyn Fn() -> usize + 'a>);

static VARS: [(&str, &str); 1] = [("WORKSPACE_DIR", "/srv")];

fn read_json<'a, T: DeserializeOwned + Sum + 'a>(text: &'a str, paths: &'a Paths) -> Vec<Way<'a>> {
    let expander = Expander::new(&VARS);
    let open = move || serde_json::Deserializer::from_str(text);
    vec![
        ("direct", Box::new(move || T::deserialize(&mut open()).expect("it fits").sum())),
        (
            "envref",
            Box::new(move || de::deserialize::<_, T, _, _>(&mut open(), &expander).expect("it fits").sum()),
        ),
        (
            "envref, paths",
            Box::new(move || {
                let expander = expander.paths(paths);
                de::deserialize::<_, T, _, _>(&mut open(), &expander).expect("it fits").sum()
            }),
        ),
        (
            "serde-vars",
            Box::new(move || {
                let mut source = serde_vars::MapSource::new(HashMap::new());
                serde_vars::deserialize::<_, _, T>(&mut open(), &mut source).expect("it fits").sum()
            }),
        ),
    ]
}

fn read_yaml<'a, T: DeserializeOwned + Sum + 'a>(text: &'a str, paths: &'a Paths) -> Vec<Way<'a>> {
    let expander = Expander::new(&VARS);
    let open = move || yaml_serde::Deserializer::from_str(text);
    vec![
        ("direct", Box::new(move || T::deserialize(open()).expect("it fits").sum())),
        (
            "envref",
            Box::new(move || de::deserialize::<_, T, _, _>(open(), &expander).expect("it fits").sum()),
        ),
        (
            "envref, paths",
            Box::new(move || {
                de::deserialize::<_, T, _, _>(open(), &expander.paths(paths)).expect("it fits").sum()
            }),
        ),
        // It reads a value of its own first, expands that, and then reads the type from it.
        (
            "subst",
            Box::new(move || {
                subst::yaml::from_str::<T, _>(text, &subst::NoSubstitution).expect("it fits").sum()
            }),
        ),
        // Another parser, without and with its own expansion: what counts is the second by the first.
        ("saphyr", Box::new(move || serde_saphyr::from_str::<T>(text).expect("it fits").sum())),
        (
            "saphyr, properties",
            Box::new(move || {
                let properties = HashMap::from([("WORKSPACE_DIR".to_owned(), "/srv".to_owned())]);
                let options = serde_saphyr::Options::default().with_properties(properties);
                serde_saphyr::from_str_with_options::<T>(text, options).expect("it fits").sum()
            }),
        ),
    ]
}

/// Measures each way in turn, many times, and prints how the fastest time of each compares with that of the first.
///
/// The fastest of many short turns is what the machine can do when nobody else uses it.
fn print_ratios(name: &str, ways: &[Way<'_>], turns: usize) {
    let mut fastest = vec![Duration::MAX; ways.len()];
    for turn in 0..turns {
        for at in 0..ways.len() {
            // Each way follows each other way as often.
            let at = (at + turn) % ways.len();
            let start = Instant::now();
            black_box(ways[at].1());
            fastest[at] = fastest[at].min(start.elapsed());
        }
    }
    for ((way, _), time) in ways.iter().zip(&fastest) {
        let ratio = time.as_secs_f64() / fastest[0].as_secs_f64();
        println!("ratio {name}/{way}: {ratio:.3} ({:.0} µs)", time.as_secs_f64() * 1e6);
    }
}

fn main() {
    const SIZE: usize = 200_000;
    let [mixed, strings, numbers] =
        [documents::organisation, documents::strings, documents::numbers].map(|it| it(SIZE));
    let yaml = documents::organisation_yaml(5 * SIZE);
    let paths = Paths::new(["workspaces[*].workspace_dir", "workspaces[*].channels[*].config.*", "[*].text"]);
    let paths = &paths.expect("paths");
    let groups = [
        ("JSON, mixed, structs", mixed.len(), read_json::<Organisation>(&mixed, paths)),
        ("JSON, mixed, value", mixed.len(), read_json::<Value>(&mixed, paths)),
        ("JSON, strings, structs", strings.len(), read_json::<Vec<Message>>(&strings, paths)),
        ("JSON, strings, value", strings.len(), read_json::<Value>(&strings, paths)),
        ("JSON, numbers, structs", numbers.len(), read_json::<Vec<Series>>(&numbers, paths)),
        ("JSON, numbers, value", numbers.len(), read_json::<Value>(&numbers, paths)),
        ("YAML, mixed, structs", yaml.len(), read_yaml::<Organisation>(&yaml, paths)),
        ("YAML, mixed, value", yaml.len(), read_yaml::<Value>(&yaml, paths)),
    ];
    for (name, _, ways) in &groups {
        for (way, read) in ways {
            assert_eq!(read(), ways[0].1(), "{name}/{way}");
        }
    }

    let mut criterion = Criterion::default().configure_from_args();
    // `cargo test`, and `cargo bench` with `--test` or `--list`, run this too: they measure nothing.
    let has = |wanted: &str| std::env::args().any(|arg| arg == wanted);
    let measures = has("--bench") && !has("--test") && !has("--list");
    let mut group = criterion.benchmark_group("adapter");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    for (name, len, ways) in &groups {
        group.throughput(Throughput::Bytes(*len as u64));
        for (way, read) in ways {
            group.bench_function(BenchmarkId::new(*name, way), |bencher| bencher.iter(read));
        }
    }
    group.finish();
    if measures {
        for (name, len, ways) in &groups {
            print_ratios(name, ways, if *len == yaml.len() { 100 } else { 2000 });
        }
    }
    criterion.final_summary();
}
