//! Starts a service from a YAML file with references, read into typed structs, or reports all that is missing.
//!
//! `yaml::explain` comes first: it names every reference without a value, with line and column. Then the adapter reads
//! the same text into the types. (`yaml::expand` and an ordinary parse work, too, but the parser's message about a value
//! that does not fit its type repeats the value.)
//!
//! ```sh
//! cargo run --example config --features yaml
//! ```

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::ExitCode;

use envref::{Expander, Lookup, Paths, ProcessEnv, Provenance, Site, de, dotenv, yaml};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    server: Server,
    database: Database,
    #[serde(deserialize_with = "de::empty_as_none")]
    proxy: Option<String>,
    assistant: Assistant,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    address: IpAddr,
    port: u16,
    public_url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Database {
    url: String,
    connections: NonZeroU32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assistant {
    model: String,
    prompt: String,
}

/// The values that may be missing. Their types say so, too.
const OPTIONAL: [&str; 1] = ["proxy"];

fn main() -> ExitCode {
    match start(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/config").as_path()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprint!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn start(dir: &Path) -> Result<(), String> {
    let read = |name| fs::read_to_string(dir.join(name)).map_err(|error| format!("{name}: {error}\n"));
    let vars = dotenv::parse(&read(".env")?).map_err(|error| format!(".env: {error}\n"))?;
    let config = load(&read("config.yaml")?, &vars, &ProcessEnv::only(["PROXY"]))?;

    let Config { server, database, proxy, assistant } = config;
    println!("listening on {} for {}", SocketAddr::new(server.address, server.port), server.public_url);
    // Secrets are not printed.
    println!("{} connections to a database, by a URL of {} bytes", database.connections, database.url.len());
    println!("through {}", proxy.as_deref().unwrap_or("no proxy"));
    println!("with a {} model, which is told:\n{}", assistant.model, assistant.prompt);
    Ok(())
}

/// Returns the configuration, or a report of all that is wrong with it.
fn load<L: Lookup, F: Lookup>(text: &str, vars: &L, host: &F) -> Result<Config, String> {
    // Prompts are scripts: they stay as they are.
    let paths = Paths::new(["**", "!**.prompt"]).map_err(|error| format!("{error}\n"))?;
    let expander = Expander::new(vars).fallback(host).paths(&paths).output_limit(64 * 1024);

    let sites = yaml::explain(text, &expander).map_err(|error| error.render(text).to_string())?;
    let is_fault = |site: &&Site| match site.provenance() {
        Provenance::Missing(_) => !site.path().is_some_and(|path| OPTIONAL.contains(&path)),
        // `${PORT:-80}` is text, which is not what its author meant.
        provenance => provenance == Provenance::NearMiss,
    };
    let faults: String = sites.iter().filter(is_fault).map(|site| site.render(text).to_string()).collect();
    if !faults.is_empty() {
        return Err(faults);
    }

    // An error says which value does not fit its type, and where, but does not show it.
    de::deserialize(yaml_serde::Deserializer::from_str(text), &expander).map_err(|error| format!("{error}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const TEXT: &str = include_str!("config.yaml");

    /// Loads the configuration with the `.env` of the example, but for some variables.
    fn load_with(changes: &[(&str, Option<&str>)], host: &[(&str, &str)]) -> Result<Config, String> {
        let mut vars: BTreeMap<String, String> = dotenv::parse(include_str!(".env")).unwrap();
        for (name, value) in changes {
            match value {
                Some(value) => drop(vars.insert((*name).to_owned(), (*value).to_owned())),
                None => drop(vars.remove(*name)),
            }
        }
        load(TEXT, &vars, &host)
    }

    #[test]
    fn values_have_their_types_and_the_prompt_stays() {
        let config = load_with(&[], &[]).unwrap();
        assert_eq!(config.server.address, IpAddr::from([127, 0, 0, 1]));
        assert_eq!((config.server.port, config.database.connections.get()), (8080, 4));
        assert_eq!(config.server.public_url, "https://service.example.com/api");
        // No `$` of a value, and no `#`, means anything.
        assert_eq!(config.database.url, "postgres://app:p@ss$word#1@db.example.com/app");
        assert_eq!(config.proxy, None);
        assert_eq!(config.assistant.model, "large");
        assert_eq!(
            config.assistant.prompt,
            "Say where you are: `echo \"$HOME on ${HOSTNAME:-some host}\"`.\nNever print ${DB_PASSWORD}.\n"
        );
    }

    #[test]
    fn of_the_host_only_what_is_a_whole_value_is_read() {
        let host = [("PROXY", "http://proxy:3128"), ("DB_HOST", "evil.example.com"), ("DB_PASSWORD", "host")];
        assert_eq!(load_with(&[], &host).unwrap().proxy.as_deref(), Some("http://proxy:3128"));
        let message = load_with(&[("DB_HOST", None)], &host).err().unwrap();
        assert!(message.starts_with("9:39: unresolved reference $DB_HOST: "), "{message}");
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let message = load_with(&[("PORT", None), ("DB_PASSWORD", None)], &[]).err().unwrap();
        assert_eq!(
            message,
            "\
5:9: unresolved reference ${PORT}: unset
5 |   port: ${PORT}
  |         ^^^^^^^
9:24: unresolved reference ${DB_PASSWORD}: \
not among the variables, and the fallback is not asked within a longer text
9 |   url: \"postgres://app:${DB_PASSWORD}@$DB_HOST/app\"
  |                        ^^^^^^^^^^^^^^
"
        );
    }

    #[test]
    fn a_value_that_does_not_fit_is_said_with_its_place_and_not_shown() {
        let message = load_with(&[("PORT", Some("s3cret"))], &[]).err().unwrap();
        assert!(message.contains("invalid value for ${PORT} at server.port: expected u16"), "{message}");
        assert!(message.contains("at line 5 column 9") && !message.contains("s3cret"), "{message}");
        let message = load_with(&[("ADDRESS", Some("s3cret"))], &[]).err().unwrap();
        assert!(message.contains("invalid value for ${ADDRESS} at server.address"), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }

    #[test]
    fn what_only_looks_like_a_reference_is_said() {
        let text = TEXT.replace("${PORT}", "${PORT:-80}");
        let vars = dotenv::parse(include_str!(".env")).unwrap();
        let message = load(&text, &vars, &()).err().unwrap();
        assert!(message.starts_with("5:9: ${PORT:-80}: text, not a reference\n"), "{message}");
        let message = load("server: [", &vars, &()).err().unwrap();
        assert!(message.contains("invalid YAML"), "{message}");
    }
}
