//! Runs one hot path so many times: `hot CASE TIMES`. Without arguments it lists the cases. `benches/instructions` counts
//! the instructions of each under callgrind.
//!
//! The map has a hasher without a random seed, so that a count is the same in each run.

use std::collections::HashMap;
use std::env;
use std::hint::black_box;

use envref::{Dialect, Expander, de};
use envref_benches::documents::{self, Message, Organisation, Series};
use envref_benches::{Input, vars};
use rustc_hash::FxBuildHasher;
use serde::de::DeserializeOwned;
use serde_json::Value;

const SIZE: usize = 64 << 10;

fn main() {
    let vars = vars::<FxBuildHasher>();
    let [never, rare, common, dense] = [None, Some(1024), Some(96), Some(1)].map(|gap| Input::new(SIZE, gap));
    let scalar = Input::new(24, None);
    let words = "${UNSET:-a word} and ${REGION:+${PORT:-8080}}\n".repeat(SIZE / 45);
    let literal = "$5 and ".repeat(SIZE / 7);

    let expand = |input: &str| drop(black_box(envref::expand(black_box(input), &vars)));
    let compose = Expander::new(&vars).dialect(Dialect::Compose);
    let compose = |input: &str| drop(black_box(compose.expand(black_box(input))));
    let [mixed, strings, numbers] =
        [documents::organisation, documents::strings, documents::numbers].map(|it| it(SIZE));
    let documents = [
        adapter::<Organisation>("mixed-structs", &mixed),
        adapter::<Value>("mixed-value", &mixed),
        adapter::<Vec<Message>>("strings-structs", &strings),
        adapter::<Value>("strings-value", &strings),
        adapter::<Vec<Series>>("numbers-structs", &numbers),
        adapter::<Value>("numbers-value", &numbers),
    ];
    let documents = documents.iter().flatten().map(|(name, run)| (name.as_str(), &**run));
    let texts: [(&str, &dyn Fn()); 17] = [
        ("scalar", &|| expand(&scalar.text)),
        ("whole", &|| expand("${TELEGRAM_BOT_TOKEN}")),
        ("never-64k", &|| expand(&never.text)),
        ("rare-64k", &|| expand(&rare.text)),
        ("rare-64k-floor", &|| drop(black_box(rare.floor(black_box(&vars))))),
        ("common-64k", &|| expand(&common.text)),
        ("common-64k-floor", &|| drop(black_box(common.floor(black_box(&vars))))),
        ("dense-64k", &|| expand(&dense.text)),
        ("dense-64k-floor", &|| drop(black_box(dense.floor(black_box(&vars))))),
        ("literal-64k", &|| expand(&literal)),
        ("references-dense-64k", &|| assert_ne!(envref::references(black_box(&dense.text)).count(), 0)),
        ("tokens-dense-64k", &|| assert_ne!(envref::tokens(black_box(&dense.text)).count(), 0)),
        ("compose-never-64k", &|| compose(&never.text)),
        ("compose-rare-64k", &|| compose(&rare.text)),
        ("compose-common-64k", &|| compose(&common.text)),
        ("compose-dense-64k", &|| compose(&dense.text)),
        ("compose-words-64k", &|| compose(&words)),
    ];
    let mut cases = texts.into_iter().chain(documents);

    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [case, times] => {
            let (_, run) = cases.find(|(name, _)| name == case).expect("a case of the list");
            for _ in 0..times.parse().expect("a number of times") {
                run();
            }
        }
        _ => cases.for_each(|(name, _)| println!("{name}")),
    }
}

/// Returns the ways to read a JSON document without references.
fn adapter<'a, T: DeserializeOwned>(name: &str, text: &'a str) -> [(String, Box<dyn Fn() + 'a>); 3] {
    static VARS: [(&str, &str); 1] = [("WORKSPACE_DIR", "/srv")];
    let open = move || serde_json::Deserializer::from_str(black_box(text));
    let direct = move || drop(black_box(T::deserialize(&mut open()).expect("it fits")));
    let adapter = move || {
        drop(black_box(de::deserialize::<_, T, _, _>(&mut open(), &Expander::new(&VARS)).expect("it fits")));
    };
    let serde_vars = move || {
        let mut source = serde_vars::MapSource::new(HashMap::new());
        drop(black_box(serde_vars::deserialize::<_, _, T>(&mut open(), &mut source).expect("it fits")));
    };
    [
        (format!("{name}-direct"), Box::new(direct)),
        (format!("{name}-adapter"), Box::new(adapter)),
        (format!("{name}-serde-vars"), Box::new(serde_vars)),
    ]
}
