//! Saving without secrets, beside serializing: one megabyte with 20,000 entries, of which one was removed.

use std::collections::HashMap;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use envref::{Expander, de};
use serde::{Deserialize, Serialize};

const ENTRIES: usize = 20_000;

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    name: String,
    token: String,
    port: u16,
}

fn template() -> String {
    let entry = |n| format!(r#"{{"name":"e{n}","token":"${{T{n}}}","port":"${{PORT}}"}}"#);
    format!("[{}]", (0..ENTRIES).map(entry).collect::<Vec<_>>().join(","))
}

fn one_megabyte(c: &mut Criterion) {
    let mut vars: HashMap<_, _> = (0..ENTRIES).map(|n| (format!("T{n}"), format!("secret-{n}"))).collect();
    vars.insert("PORT".into(), "8080".into());
    let expander = Expander::new(&vars);
    let text = template();
    let read = || {
        let mut json = serde_json::Deserializer::from_str(&text);
        de::deserialize::<_, Vec<Entry>, _, _>(&mut json, &expander).unwrap()
    };
    let read_with_origins = || {
        let mut json = serde_json::Deserializer::from_str(&text);
        de::Deserializer::new(&mut json, &expander).deserialize_with_origins::<Vec<Entry>>().unwrap()
    };
    let (mut entries, origins) = read_with_origins();
    let mut reversed = entries.clone();
    reversed.reverse();
    entries.remove(ENTRIES / 3);
    let restored = origins.restore(&entries).unwrap();
    assert_eq!(restored.dropped().len(), 2);
    let saved = serde_json::to_string(&restored).unwrap();
    assert!(!saved.contains("secret") && saved.len() < text.len());

    let mut group = c.benchmark_group("origins");
    group.sample_size(20).throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(BenchmarkId::new("1 MB", "read"), |b| b.iter(|| read().len()));
    group.bench_function(BenchmarkId::new("1 MB", "read with origins"), |b| {
        b.iter(|| read_with_origins().0.len())
    });
    group.bench_function(BenchmarkId::new("1 MB", "serialize"), |b| {
        b.iter(|| serde_json::to_string(&entries).unwrap().len())
    });
    group.bench_function(BenchmarkId::new("1 MB", "restore"), |b| {
        b.iter(|| origins.restore(&entries).unwrap().dropped().len())
    });
    group.bench_function(BenchmarkId::new("1 MB", "restore, all moved"), |b| {
        b.iter(|| origins.restore(&reversed).unwrap().dropped().len());
    });
    group.bench_function(BenchmarkId::new("1 MB", "serialize what is restored"), |b| {
        b.iter(|| serde_json::to_string(&restored).unwrap().len());
    });
}

criterion_group!(benches, one_megabyte);
criterion_main!(benches);
