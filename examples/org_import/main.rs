//! A config loader: imports an organisation template, with what its host supplies in a `.env` file.
//!
//! Only workspace directories and channel configurations are expanded. A channel whose references have no value is left
//! out, and the reason is said. Prompts hold shell scripts: they stay as they are.
//!
//! ```sh
//! cargo run --example org_import
//! ```

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use envref::{Expander, ProcessEnv};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Organisation {
    name: String,
    defaults: Defaults,
    workspaces: Vec<Workspace>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    model: String,
    initial_prompt: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Workspace {
    name: String,
    #[serde(rename = "workspace_dir")]
    dir: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_prompt: Option<String>,
    channels: Vec<Channel>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    kind: String,
    config: BTreeMap<String, String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let template = fs::read_to_string(here("org.yaml"))?;
    let vars = dotenvy::from_path_iter(here(".env"))?.collect::<Result<HashMap<_, _>, _>>()?;

    // The template is a stranger's: of the process environment it may read what an operator would set for it.
    let host = ProcessEnv::prefix("ORG_");
    let expander = Expander::new(&vars).fallback(&host).strict().output_limit(64 * 1024);

    let import = import(&template, &expander)?;
    for skipped in import.skipped {
        eprintln!("skipped: {skipped}");
    }
    print!("{}", yaml_serde::to_string(&import.organisation)?);
    Ok(())
}

/// Returns the path of a file beside this one.
fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/org_import").join(file)
}

struct Import {
    organisation: Organisation,
    /// The channels that were left out, each with the reason.
    skipped: Vec<String>,
}

fn import(template: &str, expander: &Expander<'_>) -> Result<Import, Box<dyn Error>> {
    let mut organisation: Organisation = yaml_serde::from_str(template)?;
    let mut skipped = Vec::new();
    for Workspace { name, dir, channels, .. } in &mut organisation.workspaces {
        let template = dir.to_str().ok_or("a workspace directory is not Unicode")?;
        *dir = expander.expand(template)?.into_owned().into();

        channels.retain_mut(|channel| match expand_config(&mut channel.config, expander) {
            Ok(()) => true,
            Err(problems) => {
                skipped.push(format!("channel {} of workspace {name}: {problems}", channel.kind));
                false
            }
        });
    }
    Ok(Import { organisation, skipped })
}

/// Expands every value of a channel's configuration, and tells of each that cannot be.
fn expand_config(config: &mut BTreeMap<String, String>, expander: &Expander<'_>) -> Result<(), String> {
    let mut problems = Vec::new();
    for (key, value) in config {
        match expander.expand(value) {
            Ok(expansion) => *value = expansion.into_owned(),
            Err(error) => problems.push(format!("{key}: {error}")),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_and_channels_are_expanded_and_prompts_are_not() {
        let template = fs::read_to_string(here("org.yaml")).unwrap();
        let vars = HashMap::from([
            ("WORKSPACE_DIR", "/w"),
            ("ARCHIVE_DIR", "/a"),
            ("TELEGRAM_BOT_TOKEN", "bot"),
            ("MAIL_DOMAIN", "example.com"),
            ("MAIL_PASSWORD", "$WORKSPACE_DIR: #"),
            ("GITHUB_TOKEN", "github"),
        ]);
        let expander = Expander::new(&vars).no_fallback().strict();
        let Import { organisation, skipped } = import(&template, &expander).unwrap();

        let dirs: Vec<_> = organisation.workspaces.iter().map(|it| it.dir.to_str().unwrap()).collect();
        assert_eq!(dirs, ["/w/intake", "/w/library", "/a"]);

        let configs: Vec<_> =
            organisation.workspaces.iter().flat_map(|it| &it.channels).map(|it| &it.config).collect();
        assert_eq!(configs.len(), 2);
        assert_eq!(configs[0]["bot_token"], "bot");
        assert_eq!(configs[0]["chat"], "-100200300");
        assert_eq!(configs[1]["address"], "intake@example.com");
        assert_eq!(configs[1]["password"], "$WORKSPACE_DIR: #");

        assert_eq!(
            skipped,
            ["channel slack of workspace library: \
              app_token: unresolved reference ${SLACK_APP_TOKEN} at 1:1: unset; \
              signing_secret: unresolved reference ${SLACK_SIGNING_SECRET} at 1:4: unset"]
        );

        let as_written: Organisation = yaml_serde::from_str(&template).unwrap();
        assert_eq!(organisation.defaults.initial_prompt, as_written.defaults.initial_prompt);
        assert!(organisation.defaults.initial_prompt.contains("Bearer $GITHUB_TOKEN"));
        assert_eq!(organisation.workspaces[1].initial_prompt, as_written.workspaces[1].initial_prompt);
        assert!(!yaml_serde::to_string(&organisation).unwrap().contains(vars["GITHUB_TOKEN"]));
    }
}
