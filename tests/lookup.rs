//! Lookups: what implements the trait, who wins, why something is missing, and the process environment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;

use envref::{Expander, Layers, Lookup, ProcessEnv, Provenance, Reason, Unset, expand, from_fn};

#[test]
fn closures_make_lookups() {
    assert_eq!(expand("-$A-", &from_fn(|name| Some(name.to_lowercase()))), "-a-");
    assert_eq!(expand("-$A-", &from_fn(|name| (name == "A").then_some("static"))), "-static-");
    assert_eq!(expand("-$A-", &from_fn(|_| None::<Cow<'_, str>>)), "-$A-");

    let map = HashMap::from([("A".to_owned(), "x".to_owned())]);
    let lookup = from_fn(|name| map.get(name));
    assert_eq!(Expander::new(&lookup).expand("-$A-").unwrap(), "-x-");
}

#[test]
fn a_closure_lends_owns_or_does_either() {
    let map = HashMap::from([("A".to_owned(), "x".to_owned())]);
    let vars = from_fn(|name| map.get(name));
    assert!(matches!(vars.value("A"), Some(Cow::Borrowed(value)) if std::ptr::eq(value, map["A"].as_str())));
    let vars = from_fn(|name| map.get(name).map(String::as_str));
    assert!(matches!(vars.value("A"), Some(Cow::Borrowed(value)) if std::ptr::eq(value, map["A"].as_str())));
    let vars = from_fn(|name| map.get(name).map(|value| Cow::Borrowed(value.as_str())));
    assert!(matches!(vars.value("A"), Some(Cow::Borrowed(_))));
    let vars = from_fn(|name| map.get(name).cloned());
    assert!(matches!(vars.value("A"), Some(Cow::Owned(value)) if value == "x"));
    assert_eq!(vars.value("B"), None);
    assert_eq!(format!("{vars:?}"), "FromFn { .. }");

    // A value that outlives the closure's own borrow.
    let value = {
        let lookup = from_fn(|name| map.get(name));
        expand("$A", &lookup).into_owned()
    };
    assert_eq!(value, "x");
}

/// Has the variable `A`, and rejects every other with a reason.
struct Own;

impl Lookup for Own {
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        (name == "A").then_some(Cow::Borrowed("x"))
    }

    fn reason(&self, _: &str) -> Reason {
        Reason::Other("refused")
    }
}

#[test]
fn pointers_to_lookups_are_lookups() {
    fn check(lookup: impl Lookup) {
        assert_eq!(lookup.value("A").as_deref(), Some("x"));
        assert_eq!(lookup.value("B"), None);
        assert_eq!(lookup.reason("B"), Reason::Other("refused"));
        assert_eq!(Expander::new(&lookup).expand("-$A$B").unwrap(), "-x$B");
    }
    check(Own);
    check(&Own);
    check(&mut Own);
    check(Box::new(Own));
    check(Rc::new(Own));
    check(Arc::new(Own));
    check(Some(Own));
    check(&Own as &dyn Lookup);
    check(Box::new(Own) as Box<dyn Lookup>);
    check(Rc::new(Own) as Rc<dyn Lookup>);
    check(Arc::new(Own) as Arc<dyn Lookup + Send + Sync>);
    check(Some(&Box::new(Arc::new(Own))));
    check(Layers::new(Own));
    check(Layers::new(()).over(Own));
}

#[test]
fn none_and_the_unit_have_no_variable() {
    for lookup in [&None::<Own> as &dyn Lookup, &(), &Layers::new(())] {
        assert_eq!((lookup.value("A"), lookup.reason("A")), (None, Reason::Unset));
    }
}

#[test]
fn the_trait_hides_no_method_of_a_map() {
    let shared = Arc::new(HashMap::from([("A", "x")]));
    assert_eq!(shared.get("A"), Some(&"x"));
    let ordered = Rc::new(BTreeMap::from([("A", "x")]));
    assert_eq!(ordered.get("A"), Some(&"x"));
}

#[test]
fn maps_take_any_hasher_and_any_text() {
    type Hasher = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
    let mut map = HashMap::<Box<str>, Rc<str>, Hasher>::default();
    map.insert("A".into(), "x".into());
    assert_eq!(expand("-$A", &map), "-x");
    assert_eq!(expand("-$A", &BTreeMap::from([(Cow::Borrowed("A"), String::from("x"))])), "-x");
    assert_eq!(expand("-$A", &vec![(String::from("A"), Cow::Borrowed("x"))]), "-x");
}

#[test]
fn a_lookup_is_asked_once_for_each_reference_in_order() {
    let names = std::cell::RefCell::new(Vec::new());
    let lookup = from_fn(|name| {
        names.borrow_mut().push(name.to_owned());
        None::<String>
    });
    assert_eq!(expand("$A ${B} $A $5", &lookup), "$A ${B} $A $5");
    assert_eq!(names.into_inner(), ["A", "B", "A"]);
}

#[test]
fn the_fallback_is_asked_only_for_an_unset_whole_reference() {
    struct Counting(std::sync::atomic::AtomicUsize);
    impl Lookup for Counting {
        fn value<'v>(&'v self, _: &str) -> Option<Cow<'v, str>> {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            None
        }
    }
    let host = Counting(0.into());
    let expander = Expander::new(&[("SET", "x")]).fallback(&host);
    for input in ["$SET", "a$B", "$B$B", "$B ", "plain", "$5"] {
        expander.expand(input).unwrap();
        expander.on_unset(Unset::Reject).expand(input).ok();
        expander.explain(input).unwrap();
    }
    assert_eq!(host.0.load(std::sync::atomic::Ordering::Relaxed), 0);
    expander.expand("$B").unwrap();
    assert_eq!(host.0.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn lookups_may_be_trait_objects() {
    let boxed: Box<dyn Lookup> = Box::new([("A", "x")]);
    assert_eq!(expand("$A!", &*boxed), "x!");
}

#[test]
fn lookups_that_are_not_sync_serve_expand() {
    let count = Cell::new(0);
    let lookup = from_fn(|_| {
        count.set(count.get() + 1);
        Some(count.get().to_string())
    });
    assert_eq!(expand("$A $A", &lookup), "1 2");
}

#[test]
fn the_first_of_equal_pairs_wins() {
    assert_eq!(expand("$A", &[("A", "first"), ("A", "second")]), "first");
}

#[test]
fn the_first_layer_wins_even_if_empty() {
    let (top, middle, bottom) = ([("A", "")], [("A", "no"), ("B", "b")], [("C", "c")]);
    let layers = Layers::new(&top).over(&middle).over(&bottom);
    assert_eq!(expand("[$A$B$C$D]", &layers), "[bc$D]");
    assert_eq!(format!("{layers:?}"), "Layers { .. }");
}

#[test]
fn layers_give_the_most_telling_reason() {
    let host = ProcessEnv::only(["SOMETHING_ELSE"]);
    assert_eq!(Layers::new(()).over(&host).reason("A"), Reason::NotAllowed);
    assert_eq!(Layers::new(&host).over(()).reason("A"), Reason::NotAllowed);
    assert_eq!(Layers::new(()).reason("A"), Reason::Unset);
}

#[test]
fn a_lookup_without_a_reason_of_its_own_says_unset() {
    assert_eq!(Lookup::reason(&[("A", "x")], "B"), Reason::Unset);
}

#[test]
fn a_process_variable_that_is_not_allowed_is_not_read() {
    // PATH is set wherever these tests run.
    for env in [ProcessEnv::only(["HOME"]), ProcessEnv::prefix("ORG_"), ProcessEnv::only::<[&str; 0]>([])] {
        assert_eq!(env.value("PATH"), None);
        assert_eq!(env.reason("PATH"), Reason::NotAllowed);
    }
    for env in
        [ProcessEnv::any(), ProcessEnv::only(["PATH"]), ProcessEnv::prefix("PA"), ProcessEnv::prefix("")]
    {
        assert!(env.value("PATH").is_some());
    }
}

/// Runs the ignored test `name` of this file in a process that has `vars` in its environment.
#[track_caller]
fn run_with(name: &str, vars: &[(&str, &std::ffi::OsStr)]) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--quiet"])
        .envs(vars.iter().copied())
        .status()
        .unwrap();
    assert!(status.success(), "{name} failed in its own process");
}

#[test]
fn the_process_environment_counts_for_whole_references_only() {
    run_with("in_a_process_with_host_variables", &[("ENVREF_HOST", "host".as_ref())]);
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn in_a_process_with_host_variables() {
    let vars = [("A", "x")];
    for input in ["$ENVREF_HOST", "${ENVREF_HOST}", "$<ENVREF_HOST>"] {
        assert_eq!(expand(input, &vars), "host");
        assert_eq!(expand(input, &[("ENVREF_HOST", "mine")]), "mine");
        assert_eq!(expand(input, &[("ENVREF_HOST", "")]), "");
        assert_eq!(Expander::new(&vars).expand(input).unwrap(), "");
        let embedded = format!("{input}/path");
        assert_eq!(expand(&embedded, &vars), embedded);
    }
    let process = ProcessEnv::any();
    let expander = Expander::new(&vars).fallback(&process);
    let open = from_fn(|name| std::env::var(name).ok());
    assert_eq!(expand("-$ENVREF_HOST$ENVREF_OTHER", &open), "-host$ENVREF_OTHER");
    let provenance = |input| expander.explain(input).unwrap()[0].provenance();
    assert_eq!(provenance("$ENVREF_HOST"), Provenance::Fallback);
    assert_eq!(provenance("$ENVREF_HOST "), Provenance::Missing(Reason::Embedded));
    assert_eq!(provenance("$ENVREF_OTHER"), Provenance::Missing(Reason::Unset));
    assert_eq!(expand("$ENVREF_OTHER", &vars), "");
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_counts_as_unset() {
    use std::os::unix::ffi::OsStrExt as _;
    let value = std::ffi::OsStr::from_bytes(b"secret\xFF");
    run_with("in_a_process_with_a_value_that_is_not_unicode", &[("ENVREF_BYTES", value)]);
}

#[cfg(unix)]
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn in_a_process_with_a_value_that_is_not_unicode() {
    assert_eq!(expand("$ENVREF_BYTES", &()), "");
    let all = ProcessEnv::any();
    let expander = Expander::new(&()).fallback(&all).on_unset(Unset::Reject);
    let error = expander.expand("$ENVREF_BYTES").unwrap_err();
    assert_eq!(error.to_string(), "unresolved reference $ENVREF_BYTES at 1:1: its value is not Unicode");
    assert!(!format!("{error:?}").contains("secret"));

    let layers = Layers::new(()).over(ProcessEnv::only(["OTHER"])).over(&all);
    assert_eq!(layers.reason("ENVREF_BYTES"), Reason::NotUnicode);
}
