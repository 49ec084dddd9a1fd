//! Expansion beside the floor and beside the rivals, in one run. `../src/bin/report.rs` makes a table and a picture of it.
//!
//! Benchmarks are named frequency/size/contender, and `-fast` after a size is the same with a fast hasher in the map.
//! Each contender's result is checked against the expansion that the input was built with, which in turn is that of the
//! oracle.
//!
//! The rivals speak other languages, so that they are given what all agree on: `${NAME}` with a value. On other inputs
//!
//! - shellexpand makes one `$` of `$$`, and reads `${A:-d}` as a default;
//! - subst fails on a variable without a value, of which `$5` is one, and reads `\$` as an escape and `${A:d}` as a
//!   default;
//! - varsubst does not know `$A`, reads `\$` as an escape, and fails on a brace that is not closed;
//! - envsubst does not know `$A`, and searches the whole text, values included, once for each variable of the map;
//! - rush-var makes one `$` of `$$`, reads `${A:-d}` as a default, and makes nothing of a variable without a value;
//! - noyalib expands the strings in a YAML value, makes one `$` of `$$` and one brace of `}}`, and fails on a variable
//!   without a value.

use std::collections::HashMap;
use std::hash::RandomState;
use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use envref_benches::{Input, VARS, vars};
use envref_laws::oracle;
use rustc_hash::FxBuildHasher;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// Checks what `expand` makes of `input`, and measures it.
fn contend<'i, R: AsRef<str>>(
    group: &mut Group<'_>,
    name: &str,
    parameter: &str,
    (input, expected): (&'i str, &str),
    expand: impl Fn(&'i str) -> R,
) {
    assert!(expand(input).as_ref() == expected, "{name} gives another result on {parameter}");
    group.bench_function(BenchmarkId::new(parameter, name), |bencher| {
        bencher.iter(|| expand(black_box(input)));
    });
}

fn expected_by_oracle(input: &str) -> String {
    let get = |name: &str| VARS.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    oracle::expand(input, &get, &|_| None)
}

/// The rivals that take a map with any hasher.
fn generic_rivals<S: std::hash::BuildHasher>(
    group: &mut Group<'_>,
    parameter: &str,
    case: (&str, &str),
    vars: &HashMap<String, String, S>,
) {
    contend(group, "shellexpand", parameter, case, |input| {
        shellexpand::env_with_context_no_errors(input, |name| vars.get(name))
    });
    contend(group, "subst", parameter, case, |input| subst::substitute(input, vars).unwrap());
}

/// The rivals that take only the standard map.
fn other_rivals(group: &mut Group<'_>, parameter: &str, case: (&str, &str), vars: &HashMap<String, String>) {
    contend(group, "varsubst", parameter, case, |input| varsubst::substitute(input, vars).unwrap());
    contend(group, "envsubst", parameter, case, |input| envsubst::substitute(input, vars).unwrap());
    contend(group, "rush-var", parameter, case, |input| rush_var::expand_env(input, vars));
    // It expands the strings in a value, so making one is a part of the work.
    contend(group, "noyalib", parameter, case, |input| {
        let mut value = noyalib::Value::String(input.to_owned());
        value.interpolate_properties(vars).unwrap();
        let noyalib::Value::String(result) = value else { unreachable!() };
        result
    });
}

/// Frequency and size.
fn matrix(c: &mut Criterion) {
    let (std_vars, fast_vars) = (vars::<RandomState>(), vars::<FxBuildHasher>());
    let frequencies = [("never", None), ("rare", Some(1024)), ("common", Some(96)), ("dense", Some(1))];
    let sizes = [("scalar", 32), ("4k", 4 << 10), ("64k", 64 << 10), ("1m", 1 << 20)];
    for (frequency, gap) in frequencies {
        let mut group = c.benchmark_group(frequency);
        for (size, len) in sizes {
            // A scalar has a reference at its end, in its middle, or nothing but references.
            let gap = gap.map(|gap| if size == "scalar" { (gap / 48).min(20) + 1 } else { gap });
            let input = Input::new(len, gap);
            assert!(input.expansion == expected_by_oracle(&input.text));
            let case = (input.text.as_str(), input.expansion.as_str());
            group.throughput(Throughput::Bytes(input.text.len() as u64));
            contend(&mut group, "floor", size, case, |_| input.floor(black_box(&std_vars)));
            contend(&mut group, "envref", size, case, |text| envref::expand(text, &std_vars));
            generic_rivals(&mut group, size, case, &std_vars);
            other_rivals(&mut group, size, case, &std_vars);
            if gap.is_some() {
                let fast = format!("{size}-fast");
                contend(&mut group, "floor", &fast, case, |_| input.floor(black_box(&fast_vars)));
                contend(&mut group, "envref", &fast, case, |text| envref::expand(text, &fast_vars));
                generic_rivals(&mut group, &fast, case, &fast_vars);
            }
        }
    }
}

/// One reference that is the whole value.
fn whole(c: &mut Criterion) {
    let (std_vars, fast_vars) = (vars::<RandomState>(), vars::<FxBuildHasher>());
    let case = ("${TELEGRAM_BOT_TOKEN}", VARS[3].1);
    let mut group = c.benchmark_group("whole");
    contend(&mut group, "floor", "scalar", case, |_| &*std_vars[black_box("TELEGRAM_BOT_TOKEN")]);
    contend(&mut group, "envref", "scalar", case, |input| envref::expand(input, &std_vars));
    generic_rivals(&mut group, "scalar", case, &std_vars);
    other_rivals(&mut group, "scalar", case, &std_vars);
    contend(&mut group, "floor", "scalar-fast", case, |_| &*fast_vars[black_box("TELEGRAM_BOT_TOKEN")]);
    contend(&mut group, "envref", "scalar-fast", case, |input| envref::expand(input, &fast_vars));
    generic_rivals(&mut group, "scalar-fast", case, &fast_vars);
}

/// One reference within a short text. The floor is given the parts.
fn embedded(c: &mut Criterion) {
    let vars = vars::<RandomState>();
    let case = ("/opt/${REGION}/data", "/opt/eu-central-1/data");
    let mut group = c.benchmark_group("embedded");
    contend(&mut group, "floor", "scalar", case, |_| {
        let [before, value, after] = [black_box("/opt/"), &vars[black_box("REGION")], black_box("/data")];
        let mut result = String::with_capacity(before.len() + value.len() + after.len());
        result.extend([before, value, after]);
        result
    });
    // A floor that has to find the reference, by its first and its last byte.
    contend(&mut group, "search", "scalar", case, |input| {
        let start = memchr::memchr(b'$', input.as_bytes()).unwrap();
        let end = start + memchr::memchr(b'}', &input.as_bytes()[start..]).unwrap();
        let [before, value, after] = [&input[..start], &vars[&input[start + 2..end]], &input[end + 1..]];
        let mut result = String::with_capacity(before.len() + value.len() + after.len());
        result.extend([before, value, after]);
        result
    });
    contend(&mut group, "envref", "scalar", case, |input| envref::expand(input, &vars));
    generic_rivals(&mut group, "scalar", case, &vars);
    other_rivals(&mut group, "scalar", case, &vars);
}

/// Two thousand scalars as configuration has them, in random order, seven in ten without a reference. The floor searches each
/// for a `$`, and does nothing.
fn mixed(c: &mut Criterion) {
    const PLAIN: [&str; 10] = [
        "intake",
        "true",
        "/srv/workspaces/intake",
        "8080",
        "A workspace has a directory, an owner and channels, and more",
        "eu",
        "",
        "https://example.com/api/v1",
        "Mon, 9 to 5",
        "telegram",
    ];
    let vars = vars::<RandomState>();
    let mut state = 12345_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut scalar = || {
        let name = VARS[random(VARS.len())].0;
        match random(10) {
            0 => format!("${{{name}}}"),
            1 => format!("{}/${{{name}}}/x", PLAIN[random(PLAIN.len())]),
            2 => format!("${name}"),
            _ => PLAIN[random(PLAIN.len())].to_owned(),
        }
    };
    let scalars: Vec<String> = (0..2000).map(|_| scalar()).collect();
    assert!(scalars.iter().all(|it| envref::expand(it, &vars) == expected_by_oracle(it)));
    let mut group = c.benchmark_group("mixed");
    let mut each = |name: &str, expand: &dyn Fn(&str) -> usize| {
        group.bench_function(BenchmarkId::new("scalars", name), |bencher| {
            bencher.iter(|| scalars.iter().map(|scalar| expand(black_box(scalar))).sum::<usize>());
        });
    };
    each("floor", &|text| memchr::memchr(b'$', text.as_bytes()).unwrap_or(text.len()));
    each("envref", &|text| envref::expand(text, &vars).len());
    each("shellexpand", &|text| shellexpand::env_with_context_no_errors(text, |name| vars.get(name)).len());
    each("subst", &|text| subst::substitute(text, &vars).unwrap().len());
}

/// A `$` everywhere, and no reference. Of the rivals only shellexpand and varsubst leave the text alone.
fn literal(c: &mut Criterion) {
    let vars = vars::<RandomState>();
    let mut group = c.benchmark_group("literal");
    for (size, len) in [("scalar", 32), ("4k", 4 << 10), ("64k", 64 << 10)] {
        let input = "$5 and ".repeat(len / 7);
        let case = (input.as_str(), input.as_str());
        group.throughput(Throughput::Bytes(input.len() as u64));
        contend(&mut group, "floor", size, case, |input| {
            assert!(memchr::memchr_iter(b'$', input.as_bytes()).count() == input.len() / 7);
            input
        });
        contend(&mut group, "envref", size, case, |input| envref::expand(input, &vars));
        contend(&mut group, "shellexpand", size, case, |input| {
            shellexpand::env_with_context_no_errors(input, |name| vars.get(name))
        });
        contend(&mut group, "varsubst", size, case, |input| varsubst::substitute(input, &vars).unwrap());
    }
}

/// Inputs that nobody writes by hand, to 100 MB: twice the input may take twice the time.
fn growth(c: &mut Criterion) {
    let vars = vars::<RandomState>();
    let mut group = c.benchmark_group("growth");
    group.sample_size(10);
    let pieces = [
        ("dollar", "$"),
        ("brace", "${"),
        ("angle", "$<"),
        ("unclosed", "${A"),
        ("reference", "${A}"),
        ("none", "-"),
    ];
    for (name, piece) in pieces {
        for megabytes in [10, 20, 100] {
            let input = piece.repeat(megabytes * 1_000_000 / piece.len());
            let expected = expected_by_oracle(&input);
            let case = (input.as_str(), expected.as_str());
            contend(&mut group, &format!("{megabytes} MB"), name, case, |input| envref::expand(input, &vars));
        }
    }
}

/// Finding references, without expanding them.
fn tokens(c: &mut Criterion) {
    let mut group = c.benchmark_group("tokens");
    for (frequency, gap) in [("never", None), ("rare", Some(1024)), ("common", Some(96)), ("dense", Some(1))]
    {
        let input = Input::new(64 << 10, gap);
        assert_eq!(envref::references(&input.text).count(), oracle::references(&input.text).len());
        group.throughput(Throughput::Bytes(input.text.len() as u64));
        group.bench_function(BenchmarkId::new(frequency, "references"), |bencher| {
            bencher.iter(|| envref::references(black_box(&input.text)).count());
        });
        group.bench_function(BenchmarkId::new(frequency, "tokens"), |bencher| {
            bencher.iter(|| envref::tokens(black_box(&input.text)).count());
        });
    }
}

criterion_group! {
    name = benches;
    // Short, because the report takes the fastest of several runs: a busy machine is busy for seconds on end.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
        .sample_size(30)
        .nresamples(1000);
    targets = matrix, whole, embedded, mixed, literal, growth, tokens
}
criterion_main!(benches);
