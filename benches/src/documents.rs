//! Documents without references, of three makes, for the adapter: it has nothing to do, and should cost nothing. None of them
//! was looked at while the adapter was tuned.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

/// Tells how much was read: something of every field, so that none is optimised away, and ways of reading can be compared.
pub trait Sum {
    fn sum(&self) -> usize;
}

impl<T: Sum> Sum for Vec<T> {
    fn sum(&self) -> usize {
        self.iter().map(T::sum).sum()
    }
}

impl Sum for serde_json::Value {
    fn sum(&self) -> usize {
        match self {
            Self::Array(items) => items.iter().map(Self::sum).sum(),
            Self::Object(entries) => entries.values().map(Self::sum).sum(),
            _ => 1,
        }
    }
}

/// An organisation with its workspaces and channels: a bit of everything.
#[derive(Deserialize)]
pub struct Organisation {
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

impl Sum for Organisation {
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

/// Writes an organisation of at least `size` bytes as YAML, in the block style that people write.
#[must_use]
pub fn organisation_yaml(size: usize) -> String {
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

/// Writes an organisation of at least `size` bytes as JSON.
#[must_use]
pub fn organisation(size: usize) -> String {
    written(size, "{\"name\":\"Harbour Research\",\"workspaces\":[", "]}", |id| {
        let kind = if id % 3 == 0 { "mail" } else { "telegram" };
        format!(
            "{{\"id\":{id},\"name\":\"workspace-{id}\",\"workspace_dir\":\"/srv/harbour/workspaces/{id}/data\",\
             \"enabled\":{},\"weight\":{id}.25,\"prompt\":\"You keep workspace {id} in order. Read the log \
             first,\\nthen answer each question in one paragraph, and sign it.\\n\",\"labels\":[\"team-{id}\",\
             \"region-eu\",\"tier {tier}\"],\"limits\":{{\"cpu\":{tier},\"memory\":{},\"timeout\":30}},\
             \"channels\":[{{\"kind\":\"{kind}\",\"config\":{{\"address\":\"intake-{id}@example.com\",\
             \"password\":\"s3cret-{id}\",\"room\":\"-100200{id}\"}}}}]}}",
            id % 2 == 0,
            1_048_576 * (id % 9 + 1),
            tier = id % 7,
        )
    })
}

/// A message in a catalogue of translations: nothing but texts.
#[derive(Deserialize)]
pub struct Message {
    key: String,
    locale: String,
    text: String,
    plural: Option<String>,
    notes: Vec<String>,
}

impl Sum for Message {
    fn sum(&self) -> usize {
        self.key.len()
            + self.locale.len()
            + self.text.len()
            + self.plural.as_ref().map_or(0, String::len)
            + self.notes.iter().map(String::len).sum::<usize>()
    }
}

/// Writes a catalogue of at least `size` bytes as JSON.
#[must_use]
pub fn strings(size: usize) -> String {
    const LOCALES: [&str; 4] = ["en-GB", "de", "pt-BR", "ja"];
    written(size, "[", "]", |id| {
        format!(
            "{{\"key\":\"inbox.filter.{id}.title\",\"locale\":\"{}\",\"text\":\"{id} message matches this \
             filter\",\"plural\":{},\"notes\":[\"Shown above the list\",\"ui/inbox/filter_{id}.tsx\",\"short\"]}}",
            LOCALES[id % 4],
            if id % 2 == 0 { format!("\"{id} messages match this filter\"") } else { "null".to_owned() },
        )
    })
}

/// A series of measurements: nothing but numbers.
#[derive(Deserialize)]
pub struct Series {
    sensor: u64,
    start: i64,
    interval: u32,
    offset: f64,
    scale: f32,
    valid: bool,
    samples: Vec<i32>,
}

impl Sum for Series {
    fn sum(&self) -> usize {
        self.sensor as usize
            + self.start as usize
            + self.interval as usize
            + self.offset as usize
            + self.scale as usize
            + self.valid as usize
            + self.samples.iter().map(|it| it.unsigned_abs() as usize).sum::<usize>()
    }
}

/// Writes series of at least `size` bytes as JSON.
#[must_use]
pub fn numbers(size: usize) -> String {
    written(size, "[", "]", |id| {
        let samples: Vec<_> = (0..6).map(|at| ((id * 37 + at * 911) % 4000) as i64 - 2000).collect();
        format!(
            "{{\"sensor\":{},\"start\":{},\"interval\":{},\"offset\":-{}.125,\"scale\":0.{},\"valid\":{},\"samples\":{}}}",
            90_000_000 + id,
            1_700_000_000 + 60 * id,
            15 + id % 4,
            id % 100,
            id % 8 + 1,
            id % 5 != 0,
            serde_json::Value::from(samples),
        )
    })
}

/// Writes entries between `before` and `after` until the whole has `size` bytes.
fn written(size: usize, before: &str, after: &str, entry: impl Fn(usize) -> String) -> String {
    let mut text = String::from(before);
    for id in 0.. {
        if text.len() >= size {
            break;
        }
        if id > 0 {
            text.push(',');
        }
        text += &entry(id);
    }
    text + after
}
