//! YAML text beside one pass of the parser over it, which is what it has to be measured by.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use envref::{Expander, yaml};
use granit_parser::{Options, Parser};

/// Returns one megabyte of configuration: in five of its nineteen values there are references, in each style but
/// the folded one.
fn template() -> String {
    let entry = "
  - name: service # the name, not ${NAME}
    image: \"registry.example.org/${REPOSITORY}/service:1.2.3\"
    command: ['serve', '--port', '$PORT']
    ports: [8080, 8081]
    replicas: $REPLICAS
    environment:
      LEVEL: info
      PASSWORD: ${PASSWORD}
      TIMEOUT: 30s
    labels: {team: core, tier: backend}
    script: |
      set -eu
      exec /usr/bin/serve --directory ${DIRECTORY}/data
    description: >-
      A service that answers requests
      and writes down what it was asked.
";
    let mut template = String::from("services:");
    while template.len() < 1_000_000 {
        template.push_str(entry);
    }
    template
}

fn parse(text: &str) -> usize {
    let mut options = Options::default();
    options.set_emit_comments(false);
    Parser::new_from_str_with_options(text, options).map(|event| event.is_ok()).filter(|ok| *ok).count()
}

fn one_megabyte(c: &mut Criterion) {
    let vars = [
        ("REPOSITORY", "main"),
        ("PORT", "8080"),
        ("REPLICAS", "3"),
        ("PASSWORD", "a: \"b\""),
        ("DIRECTORY", "/srv/w1"),
    ];
    let expander = Expander::new(&vars);
    let template = template();
    let plain = template.replace('$', "");
    let expanded = yaml::expand(&template, &expander).unwrap();
    assert!(expanded.contains("replicas: 3") && !expanded.contains("$REPLICAS"));

    let mut group = c.benchmark_group("yaml");
    group.throughput(Throughput::Bytes(template.len() as u64));
    group.bench_function(BenchmarkId::new("1 MB", "parse"), |b| b.iter(|| parse(&template)));
    group.bench_function(BenchmarkId::new("1 MB", "expand"), |b| {
        b.iter(|| yaml::expand(&template, &expander).unwrap().len())
    });
    group.bench_function(BenchmarkId::new("1 MB", "explain"), |b| {
        b.iter(|| yaml::explain(&template, &expander).unwrap().len())
    });
    group.bench_function(BenchmarkId::new("1 MB", "expand, no reference"), |b| {
        b.iter(|| yaml::expand(&plain, &expander).unwrap().len());
    });
    group.finish();
}

criterion_group!(benches, one_megabyte);
criterion_main!(benches);
