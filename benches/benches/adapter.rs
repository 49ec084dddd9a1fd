//! The serde adapter beside reading directly, on documents without references, in which it has nothing to do.
//!
//! What counts is the ratio. It is measured by taking turns, so that a busy machine slows both alike, and printed after
//! the figures of criterion:
//!
//! ```sh
//! cargo bench -p envref-benches --bench adapter             # everything
//! cargo bench -p envref-benches --bench adapter -- ratio    # only the ratios
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use envref::{Expander, Paths, de};
use serde::{Deserialize, de::DeserializeOwned};

/// An organisation with its workspaces and channels, as a typed structure.
#[derive(Deserialize)]
struct Organisation {
    name: String,
    workspaces: Vec<Workspace>,
}

#[derive(Deserialize)]
struct Workspace {
    id: u32,
    name: String,
    workspace_dir: String,
    enabled: bool,
    weight: f64,
    prompt: String,
    labels: Vec<String>,
    limits: Limits,
    channels: Vec<Channel>,
}

#[derive(Deserialize)]
struct Limits {
    cpu: u16,
    memory: u64,
    timeout: Option<u32>,
}

#[derive(Deserialize)]
struct Channel {
    kind: Kind,
    config: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Mail,
    Telegram,
}

impl Organisation {
    /// Sums something of every field up, so that none is optimised away, and all ways of reading can be compared.
    fn sum(&self) -> usize {
        let channel = |it: &Channel| it.config.len() + matches!(it.kind, Kind::Mail) as usize;
        let workspace = |it: &Workspace| {
            it.id as usize
                + it.name.len()
                + it.workspace_dir.len()
                + it.enabled as usize
                + it.weight as usize
                + it.prompt.len()
                + it.labels.iter().map(String::len).sum::<usize>()
                + it.limits.cpu as usize
                + it.limits.memory as usize
                + it.limits.timeout.unwrap_or(0) as usize
                + it.channels.iter().map(channel).sum::<usize>()
        };
        self.name.len() + self.workspaces.iter().map(workspace).sum::<usize>()
    }
}

/// Writes an organisation of about `size` bytes as YAML, in the block style that people write.
fn yaml(size: usize) -> String {
    let mut text = String::from("name: Harbour Research\nworkspaces:\n");
    for id in 0.. {
        if text.len() >= size {
            break;
        }
        let kind = if id % 3 == 0 { "mail" } else { "telegram" };
        write!(
            text,
            "  - id: {id}
    name: workspace-{id}
    workspace_dir: /srv/harbour/workspaces/{id}/data
    enabled: {enabled}
    weight: {id}.25
    prompt: |
      You keep workspace {id} in order. Read the log first,
      then answer each question in one paragraph, and sign it.
    labels: [team-{id}, region-eu, \"tier {tier}\"]
    limits:
      cpu: {tier}
      memory: {memory}
      timeout: 30
    channels:
      - kind: {kind}
        config:
          address: intake-{id}@example.com
          password: s3cret-{id}
          room: \"-100200{id}\"
",
            enabled = id % 2 == 0,
            tier = id % 7,
            memory = 1_048_576 * (id % 9 + 1),
        )
        .expect("a string can be written to");
    }
    text
}

/// Writes the same as JSON.
fn json(size: usize) -> String {
    // YAML of this kind is a good deal longer than compact JSON: grow until it fits.
    let mut yaml_size = size;
    loop {
        let value: serde_json::Value = yaml_serde::from_str(&yaml(yaml_size)).expect("it is YAML");
        let text = value.to_string();
        if text.len() >= size {
            return text;
        }
        yaml_size += size / 8;
    }
}

/// A way to read a text: how to call it, and a function that gives a sum of what it read.
type Way<'a> = (&'a str, Box<dyn Fn() -> usize + 'a>);

fn read_json<'a, T: DeserializeOwned + 'a>(
    text: &'a str,
    paths: &'a Paths,
    sum: fn(&T) -> usize,
) -> Vec<Way<'a>> {
    static VARS: [(&str, &str); 1] = [("WORKSPACE_DIR", "/srv")];
    let expander = Expander::new(&VARS);
    let open = move || serde_json::Deserializer::from_str(text);
    vec![
        ("direct", Box::new(move || sum(&T::deserialize(&mut open()).expect("it fits")))),
        ("adapter", Box::new(move || sum(&de::deserialize(&mut open(), &expander).expect("it fits")))),
        (
            "adapter_paths",
            Box::new(move || {
                let mut open = open();
                sum(&de::deserialize(&mut open, &expander.paths(paths)).expect("it fits"))
            }),
        ),
        (
            "serde_vars",
            Box::new(move || {
                let mut source = serde_vars::MapSource::new(HashMap::new());
                sum(&serde_vars::deserialize(&mut open(), &mut source).expect("it fits"))
            }),
        ),
    ]
}

fn read_yaml<'a, T: DeserializeOwned + 'a>(
    text: &'a str,
    paths: &'a Paths,
    sum: fn(&T) -> usize,
) -> Vec<Way<'a>> {
    static VARS: [(&str, &str); 1] = [("WORKSPACE_DIR", "/srv")];
    let expander = Expander::new(&VARS);
    let open = move || yaml_serde::Deserializer::from_str(text);
    vec![
        ("direct", Box::new(move || sum(&T::deserialize(open()).expect("it fits")))),
        ("adapter", Box::new(move || sum(&de::deserialize(open(), &expander).expect("it fits")))),
        (
            "adapter_paths",
            Box::new(move || sum(&de::deserialize(open(), &expander.paths(paths)).expect("it fits"))),
        ),
        // It reads a value of its own first, expands that, and then reads the type from it.
        (
            "subst_yaml",
            Box::new(move || {
                sum(&subst::yaml::from_str::<T, _>(text, &subst::NoSubstitution).expect("it fits"))
            }),
        ),
        // Another parser, without and with its own expansion: what counts is the second by the first.
        ("saphyr_direct", Box::new(move || sum(&serde_saphyr::from_str::<T>(text).expect("it fits")))),
        (
            "saphyr_properties",
            Box::new(move || {
                let properties = HashMap::from([("WORKSPACE_DIR".to_owned(), "/srv".to_owned())]);
                let options = serde_saphyr::Options::default().with_properties(properties);
                sum(&serde_saphyr::from_str_with_options::<T>(text, options).expect("it fits"))
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

fn count(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => items.iter().map(count).sum(),
        serde_json::Value::Object(entries) => entries.values().map(count).sum(),
        _ => 1,
    }
}

fn main() {
    let (json, yaml) = (json(200_000), yaml(1_000_000));
    let paths =
        Paths::new(["workspaces[*].workspace_dir", "workspaces[*].channels[*].config.*"]).expect("paths");
    let groups = [
        ("json_200k/typed", json.len(), 2000, read_json(&json, &paths, Organisation::sum)),
        ("json_200k/value", json.len(), 2000, read_json(&json, &paths, count)),
        ("yaml_1m/typed", yaml.len(), 100, read_yaml(&yaml, &paths, Organisation::sum)),
        ("yaml_1m/value", yaml.len(), 100, read_yaml(&yaml, &paths, count)),
    ];
    for (name, _, _, ways) in &groups {
        for (way, read) in ways {
            assert_eq!(read(), ways[0].1(), "{name}/{way}");
        }
    }

    let mut criterion = Criterion::default().configure_from_args();
    // `cargo test`, and `cargo bench` with `--test` or `--list`, run this too: they measure nothing.
    let has = |wanted: &str| std::env::args().any(|arg| arg == wanted);
    let measures = has("--bench") && !has("--test") && !has("--list");
    for (name, len, turns, ways) in &groups {
        let mut group = criterion.benchmark_group(*name);
        group
            .throughput(Throughput::Bytes(*len as u64))
            .sample_size(10)
            .measurement_time(Duration::from_secs(2));
        for (way, read) in ways {
            group.bench_function(*way, |bencher| bencher.iter(read));
        }
        group.finish();
        if measures {
            print_ratios(name, ways, *turns);
        }
    }
    criterion.final_summary();
}
