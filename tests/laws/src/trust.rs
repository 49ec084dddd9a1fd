//! The laws of the trust model: what no text of a stranger brings to light.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use arbitrary::{Arbitrary, Result, Unstructured};
use envref::{Expander, Lookup, ProcessEnv, Provenance, Reason, Unset, de, references, tokens, yaml};

use crate::case::{Case, NAMES, Vars};
use crate::oracle;

/// The value of every variable of the host.
const SECRET: &str = "s3cr3t-0f-the-h0st ${A}";
/// The value of each variable that the caller has.
const VALUE: &str = "v4lue-0f-the-c4ller $A";

/// Checks all laws on a file of the fuzzer: a digit for the [`Setting`], and a [`Case`], of which only the text and which
/// variables are set count.
pub fn check(data: &[u8]) {
    let Ok(guarded) = Guarded::arbitrary_take_rest(Unstructured::new(data)) else { return };
    a_secret_shows_only_where_a_reference_to_it_is_the_whole_text(&guarded);
    no_value_shows_in_errors_or_debug_output(&guarded);
    a_rendering_does_nothing_to_a_terminal(&guarded);
}

/// A case under one of the settings of an expander.
#[derive(Debug, Clone, Arbitrary)]
pub struct Guarded<'a> {
    setting: Setting,
    case: Case<'a>,
}

/// The rules of an expander, but for its variables.
#[derive(Debug, Clone, Copy)]
struct Setting {
    unset: Unset,
    has_fallback: bool,
    limit: usize,
}

impl Arbitrary<'_> for Setting {
    /// Reads one byte: two bits for the unset, one for the fallback, two for the limit. The digits 0 to 7 set none, and 8 and
    /// 9 a limit of 30 bytes.
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let byte = u.arbitrary::<u8>()?;
        Ok(Self {
            unset: [Unset::Default, Unset::Reject, Unset::Keep, Unset::Empty][usize::from(byte & 3)],
            has_fallback: byte >> 2 & 1 == 0,
            limit: [0, 10, usize::MAX, 30][usize::from(byte >> 3 & 3)],
        })
    }
}

impl Setting {
    fn of<'v>(self, vars: &'v Vars, host: &'v (dyn Lookup + Sync)) -> Expander<'v, Vars> {
        let expander = Expander::new(vars).on_unset(self.unset).output_limit(self.limit);
        if self.has_fallback { expander.fallback(host) } else { expander }
    }
}

/// A host that has every variable, and takes note of being asked.
struct Host {
    asked: AtomicBool,
}

impl Lookup for Host {
    fn value<'v>(&'v self, _: &str) -> Option<Cow<'v, str>> {
        self.asked.store(true, Ordering::Relaxed);
        Some(Cow::Borrowed(SECRET))
    }

    fn reason(&self, _: &str) -> Reason {
        self.asked.store(true, Ordering::Relaxed);
        Reason::Unset
    }
}

fn host() -> Host {
    Host { asked: AtomicBool::new(false) }
}

/// The host is asked, and what it says is the result, if and only if it is the fallback and the text is one reference that
/// the caller's variables do not have. A text that spells the secret out shows nothing that its author did not know.
pub fn a_secret_shows_only_where_a_reference_to_it_is_the_whole_text(guarded: &Guarded<'_>) {
    let Guarded { setting, case } = guarded;
    let text = &*case.text;
    if text.contains(SECRET) {
        return;
    }
    let vars = case.vars.all_set_to(VALUE);
    let whole = references(text).next().is_some_and(|it| it.text() == text && vars.get(it.name()).is_none());
    let host = host();
    let expander = setting.of(&vars, &host);
    let may_ask = whole && setting.has_fallback;
    let result = expander.expand(text).unwrap_or_default();
    assert!(!result.contains(SECRET) || may_ask && result == SECRET);
    expander.explain(text).unwrap();
    assert_eq!(host.asked.swap(false, Ordering::Relaxed), may_ask);
    let open = Expander::new(&vars).fallback(&host);
    assert_eq!(open.expand(text).unwrap() == SECRET, whole);
    assert_eq!(host.asked.into_inner(), whole);
}

/// What the process environment has to hold for [`without_a_fallback_the_process_is_out_of_reach`]: [`SECRET`] under each
/// name.
pub const PROCESS: [(&str, &str); NAMES.len()] = {
    let mut process = [("", SECRET); NAMES.len()];
    let mut at = 0;
    while at < NAMES.len() {
        process[at].0 = NAMES[at];
        at += 1;
    }
    process
};

/// In a process whose environment has [`PROCESS`]: a new expander does not show it, whatever the verb and the setting; the
/// free function and the fallback do, where one reference is the whole text.
pub fn without_a_fallback_the_process_is_out_of_reach(Guarded { setting, case }: &Guarded<'_>) {
    assert!(PROCESS.iter().all(|(name, value)| std::env::var(name).as_deref() == Ok(value)));
    let text = &*case.text;
    if text.contains(SECRET) {
        return;
    }
    let expander = Setting { has_fallback: false, ..*setting }.of(&case.vars, &());
    let process = ProcessEnv::any();
    let open = Expander::new(&case.vars).fallback(&process);

    let result = expander.expand(text).unwrap_or_default();
    assert!(!result.contains(SECRET));
    let explanation = expander.explain(text).unwrap();
    assert!(!explanation.iter().any(|site| site.provenance() == Provenance::Fallback));
    let whole = references(text).next().filter(|it| it.text() == text && NAMES.contains(&it.name()));
    let shows = whole.is_some_and(|it| case.vars.get(it.name()).is_none());
    assert_eq!(envref::expand(text, &case.vars) == SECRET, shows);
    assert_eq!(open.expand(text).unwrap() == SECRET, shows);

    let json = serde_json::json!({ "k": text }).to_string();
    let read = |expander| -> Option<serde_json::Value> {
        de::deserialize(&mut serde_json::Deserializer::from_str(&json), expander).ok()
    };
    assert!(read(&expander).is_none_or(|value| !value.to_string().contains(SECRET)));
    // JSON is YAML, and what is in its quotes is a whole value.
    assert!(!yaml::expand(&json, &expander).is_ok_and(|stream| stream.contains(SECRET)));
}

/// Neither a value of the host nor one of the caller is in what may be logged or shown to the author of the text.
pub fn no_value_shows_in_errors_or_debug_output(Guarded { setting, case }: &Guarded<'_>) {
    let text = &*case.text;
    if text.contains(SECRET) || text.contains(VALUE) {
        return;
    }
    let (vars, host) = (case.vars.all_set_to(VALUE), case.host.all_set_to(SECRET));
    let expander = setting.of(&vars, &host);
    let mut shown = format!("{expander:?} {:?} {:?}", expander.explain(text), tokens(text));
    for site in expander.explain(text).unwrap() {
        write!(shown, "{site} {site:?} {}", site.render(text)).unwrap();
    }
    if let Err(error) = expander.expand(text) {
        write!(shown, "{error} {error:?} {}", error.render(text)).unwrap();
    }
    assert!(!shown.contains(SECRET) && !shown.contains(VALUE));
}

/// Whatever the text holds: no control character but the ends of lines and tabs, and no change of writing direction.
pub fn a_rendering_does_nothing_to_a_terminal(Guarded { setting, case }: &Guarded<'_>) {
    let expander = setting.of(&case.vars, &case.host);
    let check = |rendering: &str, places: usize| {
        assert!(!oracle::acts_on_terminals(rendering));
        assert_eq!(rendering.matches('\n').count(), 3 * places);
    };
    for site in expander.explain(&case.text).unwrap() {
        check(&site.render(&case.text).to_string(), 1);
    }
    if let Err(error) = expander.expand(&case.text) {
        check(&error.render(&case.text).to_string(), error.sites().len().max(1));
    }
}
