//! What an organisation's template asks for, and its expansion. Only this file names `envref`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use envref::{Expander, Layers, Lookup, Paths, ProcessEnv, Provenance, de};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::seed::{CONFIG, Files};

/// What is expanded: directories and channels. Prompts are for the agent's own shell, and files are as they are.
const DIR: &str = "workspace_dir";
const CHANNELS: &str = "channels[*].config.*";

/// How long the expanded texts of a workspace may be, taken together, in bytes.
const OUTPUT_LIMIT: usize = 256 * 1024;

type Variables = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organisation {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default)]
    variables: Variables,
    defaults: Defaults,
    #[serde(default)]
    files: Files,
    workspaces: Vec<Workspace>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    model: String,
    initial_prompt: String,
}

/// A workspace of a template, before and after expansion.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Workspace {
    name: String,
    #[serde(rename = "workspace_dir")]
    dir: PathBuf,
    #[serde(default)]
    variables: Variables,
    model: Option<String>,
    initial_prompt: Option<String>,
    #[serde(default)]
    files: Files,
    channels: Vec<Channel>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    kind: String,
    config: BTreeMap<String, Secret>,
}

/// What is wanted of a workspace: its part of the template as written, and what people supply for it.
#[derive(Clone, Deserialize, Serialize)]
pub struct Spec {
    workspace: Workspace,
    organisation: Variables,
    secrets: BTreeMap<String, Secret>,
}

/// What a workspace comes to.
pub struct Plan {
    /// Its directory, an absolute path.
    pub dir: PathBuf,
    /// The files of the template.
    pub files: Files,
    /// The files that the host generates.
    pub generated: Files,
    /// The channels that are left out, each with the reason, and the near misses in the others.
    pub notes: Vec<String>,
}

/// Why a text is not a template, or cannot be expanded.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// Returns what `template`, a YAML document, asks for: workspaces by name, in its order.
///
/// # Errors
///
/// If it is not YAML, does not have the form of a template, or gives two workspaces the same name. The parser's own
/// message is withheld: it may quote the template.
pub fn read(template: &str) -> Result<Vec<(String, Spec)>, Error> {
    let organisation: Organisation = yaml_serde::from_str(template).map_err(|error| {
        let at = error.location().map(|at| format!(", at {}:{}", at.line(), at.column())).unwrap_or_default();
        Error(format!("not an organisation template{at} (details withheld: they may quote a secret)"))
    })?;
    let mut names = BTreeSet::new();
    let workspaces = organisation.workspaces.into_iter().map(|mut workspace| {
        let name = workspace.name.clone();
        if !names.insert(name.clone()) {
            return Err(Error(format!("two workspaces have the name {name:?}: rename one")));
        }
        let Defaults { model, initial_prompt } = &organisation.defaults;
        workspace.model.get_or_insert_with(|| model.clone());
        workspace.initial_prompt.get_or_insert_with(|| initial_prompt.clone());
        let inherited = organisation.files.iter().filter(|(path, _)| !workspace.files.contains_key(*path));
        let inherited: Vec<_> = inherited.map(|(path, text)| (path.clone(), text.clone())).collect();
        workspace.files.extend(inherited);
        let organisation = organisation.variables.clone();
        Ok((name, Spec { workspace, organisation, secrets: BTreeMap::new() }))
    });
    workspaces.collect()
}

/// Tells whether `name` can be the name of a variable.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    let reference = format!("${{{name}}}");
    envref::references(&reference).any(|it| it.name() == name)
}

impl Spec {
    /// Takes the template from `other`. The secrets stay.
    pub fn adopt(&mut self, other: Self) {
        *self = Self { secrets: std::mem::take(&mut self.secrets), ..other };
    }

    /// Sets a secret.
    pub fn set(&mut self, name: String, value: Secret) {
        self.secrets.insert(name, value);
    }

    /// Returns what the workspace comes to: a runtime that knows itself by `token`, in a directory that the template may
    /// place in `root` as `${WORKSPACE_DIR}`. Of the process environment the template may read the variables in `allowed`.
    ///
    /// A directory shows in logs and listings, so that its references see variables, but neither secrets nor the process.
    ///
    /// # Errors
    ///
    /// If a reference in the directory has no value or an empty one, or the directory is not absolute; or if a few
    /// references make more text than a configuration needs.
    pub fn plan(&self, token: &Secret, root: &Path, allowed: &[String]) -> Result<Plan, Error> {
        let host = [("WORKSPACE_DIR", root.to_string_lossy())];
        let variables = Layers::new(&self.workspace.variables).over(&self.organisation).over(&host);
        let (workspace, problems) = expand(&self.workspace, DIR, &variables, None)?;
        let dir = workspace.dir;
        if let Some(Problem { message, .. }) = problems.first() {
            return Err(Error(format!("cannot place the directory: {message}")));
        }
        if !dir.is_absolute() {
            return Err(Error(format!("the directory {} is not absolute", self.workspace.dir.display())));
        }

        let variables = Layers::new(&self.secrets).over(&variables);
        let (workspace, problems) = expand(&self.workspace, CHANNELS, &variables, Some(allowed))?;
        let (mut channels, mut notes) = (Vec::new(), Vec::new());
        for (index, channel) in workspace.channels.into_iter().enumerate() {
            let (kind, path) = (&channel.kind, format!("channels[{index}]."));
            let mut missing = Vec::new();
            for Problem { message, is_text, .. } in problems.iter().filter(|it| it.path.starts_with(&path)) {
                if *is_text {
                    notes.push(format!("channel {kind}: {message}"));
                } else {
                    missing.push(message.as_str());
                }
            }
            if missing.is_empty() {
                channels.push(channel);
            } else {
                notes.push(format!("channel {kind} left out: {}", missing.join(", ")));
            }
        }
        let config = Config {
            name: workspace.name,
            token: token.clone(),
            model: workspace.model,
            initial_prompt: workspace.initial_prompt,
            channels,
        };
        let config = serde_json::to_string_pretty(&config)?;
        let generated = Files::from([(CONFIG.to_owned(), config)]);
        Ok(Plan { dir, files: workspace.files, generated, notes })
    }
}

/// What the runtime reads.
#[derive(Serialize)]
struct Config {
    name: String,
    token: Secret,
    model: Option<String>,
    initial_prompt: Option<String>,
    channels: Vec<Channel>,
}

/// A reference without a value, by the path of the value that it is in.
struct Problem {
    path: String,
    message: String,
    /// The value is text by the rules of the language, and its author probably meant something else.
    is_text: bool,
}

/// Returns `workspace` with the texts at `path` expanded, and what is wrong there.
fn expand<V: Lookup>(
    workspace: &Workspace,
    path: &str,
    variables: &V,
    allowed: Option<&[String]>,
) -> Result<(Workspace, Vec<Problem>), Error> {
    let paths = Paths::new([path]).map_err(|error| Error(error.to_string()))?;
    let process = allowed.map(ProcessEnv::only);
    let expander = Expander::new(variables).fallback(&process).paths(&paths).output_limit(OUTPUT_LIMIT);
    let document = serde_json::to_value(workspace)?;

    let mut problems = Vec::new();
    for site in &de::explain(&document, &expander)? {
        let is_empty = |value: Option<Cow<'_, str>>| value.is_some_and(|value| value.is_empty());
        let problem = match site.provenance() {
            // Where a value comes from does not tell whether there is anything in it.
            Provenance::Vars if is_empty(variables.value(site.name())) => "empty".to_owned(),
            Provenance::Fallback if is_empty(process.value(site.name())) => "empty".to_owned(),
            Provenance::Vars | Provenance::Fallback => continue,
            provenance => provenance.to_string(),
        };
        problems.push(Problem {
            path: site.path().unwrap_or_default().to_owned(),
            message: format!("{} {problem}", site.text()),
            is_text: site.provenance() == Provenance::NearMiss,
        });
    }
    Ok((de::deserialize(&document, &expander)?, problems))
}

/// A document that was read before can only fail because of its expansion, and `envref` redacts that error.
impl From<de::Error<serde_json::Error>> for Error {
    fn from(error: de::Error<serde_json::Error>) -> Self {
        Self(error.to_string())
    }
}

/// Writing fails only for keys that are not text, and there are none.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}
