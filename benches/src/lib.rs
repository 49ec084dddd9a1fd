//! Inputs for the benchmarks, with their expansions, and the floor: the same work by somebody who knows the answer.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::ops::Range;

/// The variables of every benchmark: as many and as long as those of a real organisation.
pub const VARS: [(&str, &str); 16] = [
    ("A", "x"),
    ("WORKSPACE_DIR", "/srv/workspaces/intake"),
    ("ARCHIVE_DIR", "/mnt/archive"),
    ("TELEGRAM_BOT_TOKEN", "110201543:made-up-telegram-token-of-usual-length"),
    ("SLACK_APP_TOKEN", "xapp-made-up-slack-token-of-usual-length-0123456789"),
    ("MAIL_DOMAIN", "mail.example.com"),
    ("MAIL_PASSWORD", "correct horse battery staple"),
    ("DATABASE_URL", "postgres://app@db.internal.example.com:5432/app"),
    ("REGION", "eu-central-1"),
    ("PORT", "8080"),
    ("HOST", "0.0.0.0"),
    ("LOG_LEVEL", "info"),
    ("REPLICAS", "3"),
    ("MODEL", "large"),
    ("OWNER", "harbour-research"),
    ("BUCKET", "harbour-research-uploads"),
];

/// Returns the variables as a map with the hasher `S`.
#[must_use]
pub fn vars<S: BuildHasher + Default>() -> HashMap<String, String, S> {
    VARS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An input, with what is known of it.
pub struct Input {
    pub text: String,
    pub expansion: String,
    /// The text before each reference, and its name.
    pieces: Vec<(Range<usize>, &'static str)>,
    /// Where the text after the last reference begins.
    tail: usize,
}

impl Input {
    /// Returns an input of at least `len` bytes that has a reference after each `gap` bytes of text, or none at all.
    #[must_use]
    pub fn new(len: usize, gap: Option<usize>) -> Self {
        const PROSE: &str =
            "A workspace has a directory, an owner and channels.\nEach is named in the template: ";
        let mut prose = PROSE.chars().cycle();
        let mut names = VARS.iter().cycle();
        let mut input = Self { text: String::new(), expansion: String::new(), pieces: Vec::new(), tail: 0 };
        while input.text.len() < len {
            let gap = gap.unwrap_or(len).min(len - input.text.len());
            let text: String = prose.by_ref().take(gap).collect();
            input.text += &text;
            input.expansion += &text;
            if input.text.len() < len
                && let Some((name, value)) = names.next()
            {
                input.pieces.push((input.tail..input.text.len(), name));
                input.text += &format!("${{{name}}}");
                input.expansion += value;
                input.tail = input.text.len();
            }
        }
        input
    }

    /// Returns the expansion: one search for `$` if there is nothing to do, else a map lookup for each reference and
    /// one copy into a string of the right size.
    #[must_use]
    pub fn floor<'a, S: BuildHasher>(
        &'a self,
        vars: &'a HashMap<String, String, S>,
    ) -> std::borrow::Cow<'a, str> {
        if self.pieces.is_empty() && memchr::memchr(b'$', self.text.as_bytes()).is_none() {
            return self.text.as_str().into();
        }
        let mut result = String::with_capacity(self.expansion.len());
        for (text, name) in &self.pieces {
            result.push_str(&self.text[text.clone()]);
            result.push_str(&vars[*name]);
        }
        result.push_str(&self.text[self.tail..]);
        result.into()
    }
}
