//! The laws of the trust model: what no text of a stranger brings to light.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use arbitrary::{Arbitrary, Result, Unstructured};
use envref::{Expander, Lookup, Reason, references, tokens};

use super::case::Case;
use super::oracle;

/// The value of every variable of the host.
const SECRET: &str = "s3cr3t-0f-the-h0st ${A}";
/// The value of each variable that the caller has.
const VALUE: &str = "v4lue-0f-the-c4ller $A";

/// Checks all laws on a file of the fuzzer: a digit for the [`Setting`], and a [`Case`], of which only the text and which
/// variables are set count.
pub(crate) fn check(data: &[u8]) {
    let Ok(guarded) = Guarded::arbitrary_take_rest(Unstructured::new(data)) else { return };
    a_secret_shows_only_where_a_reference_to_it_is_the_whole_text(&guarded);
    no_value_shows_in_errors_or_debug_output(&guarded);
    a_rendering_does_nothing_to_a_terminal(&guarded);
}

/// A case under one of the settings of an expander.
#[derive(Debug, Clone, Arbitrary)]
pub(crate) struct Guarded<'a> {
    setting: Setting,
    case: Case<'a>,
}

/// Whether an expander is strict, has its fallback, and has a limit.
#[derive(Debug, Clone, Copy)]
struct Setting(u8);

impl Arbitrary<'_> for Setting {
    /// Reads one byte, such as a digit below 8.
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self(u.arbitrary::<u8>()? % 8))
    }
}

impl Setting {
    fn has_fallback(self) -> bool {
        !matches!(self.0, 2 | 3 | 7)
    }

    fn of(self, expander: Expander<'_>) -> Expander<'_> {
        match self.0 {
            0 => expander,
            1 => expander.strict(),
            2 => expander.strict().no_fallback(),
            3 => expander.no_fallback(),
            4 => expander.output_limit(0),
            5 => expander.output_limit(30),
            6 => expander.strict().output_limit(60),
            _ => expander.no_fallback().output_limit(10),
        }
    }
}

/// A host that has every variable, and takes note of being asked.
struct Host {
    asked: AtomicBool,
}

impl Lookup for Host {
    fn get<'v>(&'v self, _: &str) -> Option<Cow<'v, str>> {
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
pub(crate) fn a_secret_shows_only_where_a_reference_to_it_is_the_whole_text(guarded: &Guarded<'_>) {
    let Guarded { setting, case } = guarded;
    let text = &*case.text;
    if text.contains(SECRET) {
        return;
    }
    let vars = case.vars.all_set_to(VALUE);
    let whole =
        references(text).next().is_some_and(|it| it.text() == text && vars.value(it.name()).is_none());
    let host = host();
    let expander = Expander::new(&vars).fallback(&host);
    let may_ask = whole && setting.has_fallback();
    let result = setting.of(expander).expand(text).unwrap_or_default();
    assert!(!result.contains(SECRET) || may_ask && result == SECRET);
    setting.of(expander).explain(text).for_each(drop);
    assert_eq!(host.asked.swap(false, Ordering::Relaxed), may_ask);
    assert_eq!(expander.expand(text).unwrap() == SECRET, whole);
    assert_eq!(host.asked.into_inner(), whole);
}

/// Neither a value of the host nor one of the caller is in what may be logged or shown to the author of the text.
pub(crate) fn no_value_shows_in_errors_or_debug_output(Guarded { setting, case }: &Guarded<'_>) {
    let text = &*case.text;
    if text.contains(SECRET) || text.contains(VALUE) {
        return;
    }
    let (vars, host) = (case.vars.all_set_to(VALUE), case.host.all_set_to(SECRET));
    let expander = setting.of(Expander::new(&vars).fallback(&host));
    let mut shown = format!("{expander:?} {:?} {:?}", expander.explain(text), tokens(text));
    for resolution in expander.explain(text) {
        write!(shown, "{resolution} {resolution:?}").unwrap();
    }
    if let Err(error) = expander.expand(text) {
        write!(shown, "{error} {error:?} {}", error.render(text)).unwrap();
    }
    assert!(!shown.contains(SECRET) && !shown.contains(VALUE));
}

/// Whatever the text holds: no control character but the ends of lines and tabs, and no change of writing direction.
pub(crate) fn a_rendering_does_nothing_to_a_terminal(Guarded { setting, case }: &Guarded<'_>) {
    let expander = setting.of(Expander::new(&case.vars).fallback(&case.host));
    let Err(error) = expander.expand(&case.text) else { return };
    let rendering = error.render(&case.text).to_string();
    assert!(!oracle::acts_on_terminals(&rendering));
    let places = error.unresolved().count().max(1);
    assert_eq!(rendering.matches('\n').count(), 3 * places);
}
