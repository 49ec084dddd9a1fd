//! Loads a settings file with secrets, changes one setting, and saves the file with its references, comments and order.
//! The secrets are in a `.env` file beside it.
//!
//! ```sh
//! cp -r examples/settings /tmp/settings
//! cargo run --example settings --features origins,yaml -- /tmp/settings/settings.yaml --port 9090 --show
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use envref::origins::Origins;
use envref::{Expander, Unset, de, dotenv, yaml};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Settings {
    server: Server,
    database: String,
    channels: Vec<Channel>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Server {
    host: String,
    port: u16,
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Channel {
    kind: String,
    token: String,
}

const USAGE: &str = "usage: settings FILE [--port PORT] [--show]";

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse(env::args().skip(1))?;
    let mut loaded = Loaded::from(&options.file)?;
    if let Some(port) = options.port {
        loaded.settings.server.port = port;
        loaded.save(&options.file)?;
    }
    if options.show {
        print!("{}", loaded.show()?);
    }
    Ok(())
}

struct Options {
    file: PathBuf,
    port: Option<u16>,
    show: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut file, mut port, mut show) = (None, None, false);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--port" => port = Some(args.next().ok_or(USAGE)?.parse()?),
                "--show" => show = true,
                _ if file.is_none() && !arg.starts_with('-') => file = Some(arg.into()),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(Self { file: file.ok_or(USAGE)?, port, show })
    }
}

struct Loaded {
    /// The file as it was.
    text: String,
    settings: Settings,
    origins: Origins,
}

impl Loaded {
    fn from(file: &Path) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(file)?;
        let vars = dotenv::parse(&fs::read_to_string(file.with_file_name(".env"))?)?;
        let expander = Expander::new(&vars).on_unset(Unset::Reject);
        let yaml = yaml_serde::Deserializer::from_str(&text);
        let (settings, origins) = de::Deserializer::new(yaml, &expander).deserialize_with_origins()?;
        Ok(Self { text, settings, origins })
    }

    /// Writes the settings to `file`: into its text, or as a new text if that cannot hold them.
    fn save(&self, file: &Path) -> Result<(), Box<dyn Error>> {
        let text = match yaml::update(&self.text, &self.origins, &self.settings)? {
            Some(text) => text,
            None => self.show()?,
        };
        for lost in self.origins.restore(&self.settings)?.dropped() {
            eprintln!("{}: {} is no longer written as a reference", lost.path(), lost.text());
        }
        // A reader finds the old settings or the new ones, and never half of them.
        let unfinished = file.with_extension("new");
        fs::write(&unfinished, text)?;
        fs::rename(unfinished, file)?;
        Ok(())
    }

    /// Returns the settings with references in place of secrets.
    fn show(&self) -> Result<String, Box<dyn Error>> {
        Ok(yaml_serde::to_string(&self.origins.restore(&self.settings)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a copy of the file of this example, in a directory of its own.
    fn copy() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        for file in ["settings.yaml", ".env"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/settings").join(file);
            fs::copy(from, dir.path().join(file)).unwrap();
        }
        let file = dir.path().join("settings.yaml");
        (dir, file)
    }

    #[test]
    fn a_changed_port_is_the_only_change_of_the_file() {
        let (_dir, file) = copy();
        let before = fs::read_to_string(&file).unwrap();
        let mut loaded = Loaded::from(&file).unwrap();
        assert_eq!(loaded.settings.channels[0].token, "not-a-real-telegram-token");
        loaded.settings.server.port = 9090;
        loaded.save(&file).unwrap();
        let after = fs::read_to_string(&file).unwrap();
        assert_eq!(after, before.replace("8080", "9090"));
        assert_eq!(Loaded::from(&file).unwrap().settings, loaded.settings);
    }

    #[test]
    fn what_is_no_scalar_is_saved_anew_and_without_secrets() {
        let (_dir, file) = copy();
        let mut loaded = Loaded::from(&file).unwrap();
        loaded.settings.channels.remove(0);
        loaded.save(&file).unwrap();
        let after = fs::read_to_string(&file).unwrap();
        assert!(after.contains("token: ${SLACK_TOKEN}") && !after.contains("not-a-real"), "{after}");
    }

    #[test]
    fn settings_are_shown_with_references() {
        let (_dir, file) = copy();
        let shown = Loaded::from(&file).unwrap().show().unwrap();
        assert!(shown.contains("database: postgres://bot:${DB_PASSWORD}@db/bot"), "{shown}");
        assert!(!shown.contains("not-a-real"), "{shown}");
    }

    /// Each reference that is read is written. A program should test this with its own types.
    #[test]
    fn settings_keep_their_references() {
        let (_dir, file) = copy();
        let Loaded { settings, origins, .. } = Loaded::from(&file).unwrap();
        assert!(origins.restore(&settings).unwrap().dropped().is_empty());
    }
}
