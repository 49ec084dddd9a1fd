//! A config loader: imports an organisation template, with what its host supplies in a `.env` file.
//!
//! Only workspace directories and channel configurations are expanded, selected by their paths. A channel with a
//! reference that has no value is skipped, with the reason. Prompts hold shell scripts: they stay as they are.
//!
//! ```sh
//! cargo run --example org_import
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use envref::{Expander, Lookup, PathError, Paths, ProcessEnv, Provenance, Site, de, dotenv};
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
    let vars = vars(&fs::read_to_string(here(".env"))?)?;

    // The template is untrusted: of the process environment, it may read only what an operator sets for it.
    let host = ProcessEnv::prefix("ORG_");
    let paths = paths()?;
    let expander = Expander::new(&vars).fallback(&host).paths(&paths).output_limit(64 * 1024);

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

/// Returns the variables of a `.env` file, literally: a password keeps its `$`, and no process variable gets in.
fn vars(env: &str) -> Result<BTreeMap<String, String>, dotenv::Error> {
    dotenv::parse(env)
}

/// Returns the paths of the values that are expanded.
fn paths() -> Result<Paths, PathError> {
    Paths::new(["workspaces[*].workspace_dir", "workspaces[*].channels[*].config.*"])
}

struct Import {
    organisation: Organisation,
    /// The channels that were skipped, each with the reason.
    skipped: Vec<String>,
}

fn import<L, F>(template: &str, expander: &Expander<'_, L, F>) -> Result<Import, Box<dyn Error>>
where
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
{
    let document = || yaml_serde::Deserializer::from_str(template);
    let explanation = de::explain(document(), expander)?;
    // What only looks like a reference, `${PORT:-80}`, was not meant as text either.
    let is_fault = |site: &&Site| matches!(site.provenance(), Provenance::Missing(_) | Provenance::NearMiss);
    let faults: Vec<_> = explanation.iter().filter(is_fault).collect();
    let mut organisation: Organisation = de::deserialize(document(), expander)?;

    let mut skipped = Vec::new();
    for (workspace, Workspace { name, channels, .. }) in organisation.workspaces.iter_mut().enumerate() {
        let below = |start: &str| -> Vec<_> {
            let faults = faults.iter().filter(|site| site.path().is_some_and(|path| path.starts_with(start)));
            faults.map(ToString::to_string).collect()
        };
        if let [problem, ..] = &*below(&format!("workspaces[{workspace}].workspace_dir")) {
            return Err(problem.as_str().into());
        }
        let mut position = 0;
        channels.retain(|channel| {
            let problems = below(&format!("workspaces[{workspace}].channels[{position}].config."));
            position += 1;
            if !problems.is_empty() {
                skipped.push(format!(
                    "channel {} of workspace {name}: {}",
                    channel.kind,
                    problems.join("; ")
                ));
            }
            problems.is_empty()
        });
    }
    Ok(Import { organisation, skipped })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_literal_and_errors_do_not_repeat_them() {
        let vars = vars(&fs::read_to_string(here(".env")).unwrap()).unwrap();
        assert_eq!(vars["MAIL_PASSWORD"], "pa$$word # with a hash");
        let vars = super::vars("WORKSPACE_DIR=${PATH}\nARCHIVE_DIR=$HOME/a\n").unwrap();
        let template = fs::read_to_string(here("org.yaml")).unwrap();
        let paths = paths().unwrap();
        let import = import(&template, &Expander::new(&vars).paths(&paths)).unwrap();
        let dirs: Vec<_> = import.organisation.workspaces.iter().map(|it| it.dir.to_str().unwrap()).collect();
        assert_eq!(dirs, ["${PATH}/intake", "${PATH}/library", "$HOME/a"]);

        let error = super::vars("A=1\nTOKEN s3cret\n").unwrap_err();
        // As `main` returns it, and as it is meant to be read.
        assert!(!format!("{error:?} {error}").contains("s3cret"));
    }

    #[test]
    fn a_directory_without_a_value_stops_the_import() {
        let template = fs::read_to_string(here("org.yaml")).unwrap();
        let vars = [("WORKSPACE_DIR", "/w")];
        let paths = paths().unwrap();
        let error = import(&template, &Expander::new(&vars).paths(&paths)).err().unwrap();
        assert_eq!(
            error.to_string(),
            "unresolved reference $ARCHIVE_DIR at workspaces[2].workspace_dir: unset, and no fallback is set"
        );
    }

    #[test]
    fn directories_and_channels_are_expanded_and_prompts_are_not() {
        let template = fs::read_to_string(here("org.yaml")).unwrap();
        let vars = BTreeMap::from([
            ("WORKSPACE_DIR", "/w"),
            ("ARCHIVE_DIR", "/a"),
            ("TELEGRAM_BOT_TOKEN", "bot"),
            ("MAIL_DOMAIN", "example.com"),
            ("MAIL_PASSWORD", "$WORKSPACE_DIR: #"),
            ("GITHUB_TOKEN", "github"),
        ]);
        let paths = paths().unwrap();
        let expander = Expander::new(&vars).paths(&paths);
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
              unresolved reference ${SLACK_APP_TOKEN} at workspaces[1].channels[0].config.app_token: \
              unset, and no fallback is set; \
              unresolved reference ${SLACK_SIGNING_SECRET} at workspaces[1].channels[0].config.signing_secret: unset"]
        );

        let as_written: Organisation = yaml_serde::from_str(&template).unwrap();
        assert_eq!(organisation.defaults.initial_prompt, as_written.defaults.initial_prompt);
        assert!(organisation.defaults.initial_prompt.contains("Bearer $GITHUB_TOKEN"));
        assert_eq!(organisation.workspaces[1].initial_prompt, as_written.workspaces[1].initial_prompt);
        assert!(!yaml_serde::to_string(&organisation).unwrap().contains(vars["GITHUB_TOKEN"]));
    }
}
