//! Lookups: what implements the trait, who wins, why something is missing, and the process environment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::process::Command;

use envref::{Expander, Layers, Lookup, ProcessEnv, Provenance, Reason, expand};

#[test]
fn closures_are_lookups() {
    assert_eq!(expand("-$A-", &|name: &str| Some(name.to_lowercase())), "-a-");
    assert_eq!(expand("-$A-", &|name: &str| (name == "A").then_some("static")), "-static-");
    assert_eq!(expand("-$A-", &|_: &str| None::<Cow<'static, str>>), "-$A-");

    let map = HashMap::from([("A".to_owned(), "x".to_owned())]);
    let lookup = |name: &str| map.get(name).cloned();
    assert_eq!(Expander::new(&lookup).expand("-$A-").unwrap(), "-x-");
}

#[test]
fn a_lookup_is_asked_once_for_each_reference_in_order() {
    let names = std::cell::RefCell::new(Vec::new());
    let lookup = |name: &str| {
        names.borrow_mut().push(name.to_owned());
        None::<String>
    };
    assert_eq!(expand("$A ${B} $A $5", &lookup), "$A ${B} $A $5");
    assert_eq!(names.into_inner(), ["A", "B", "A"]);
}

#[test]
fn the_fallback_is_asked_only_about_a_whole_reference_that_the_variables_lack() {
    struct Counting(std::sync::atomic::AtomicUsize);
    impl Lookup for Counting {
        fn get<'v>(&'v self, _: &str) -> Option<Cow<'v, str>> {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            None
        }
    }
    let host = Counting(0.into());
    let expander = Expander::new(&[("SET", "x")]).fallback(&host);
    for input in ["$SET", "a$B", "$B$B", "$B ", "plain", "$5"] {
        expander.expand(input).unwrap();
        expander.strict().expand(input).ok();
        expander.explain(input).for_each(drop);
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
    let lookup = |_: &str| {
        count.set(count.get() + 1);
        Some(count.get().to_string())
    };
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
    assert_eq!(format!("{layers:?}"), "Layers { layers: 3 }");
}

#[test]
fn layers_give_the_most_telling_reason() {
    let none: [(&str, &str); 0] = [];
    let host = ProcessEnv::only(["SOMETHING_ELSE"]);
    let layers = Layers::new(&none).over(&host);
    assert_eq!(layers.reason("A"), Reason::NotAllowed);
    assert_eq!(Layers::new(&none).reason("A"), Reason::Unset);
}

#[test]
fn a_lookup_without_a_reason_of_its_own_says_unset() {
    assert_eq!(Lookup::reason(&[("A", "x")], "B"), Reason::Unset);
}

#[test]
fn a_process_variable_that_is_not_allowed_is_not_read() {
    // PATH is set wherever these tests run.
    for env in [ProcessEnv::only(["HOME"]), ProcessEnv::prefix("ORG_"), ProcessEnv::only::<[&str; 0]>([])] {
        assert_eq!(env.get("PATH"), None);
        assert_eq!(env.reason("PATH"), Reason::NotAllowed);
    }
    for env in
        [ProcessEnv::any(), ProcessEnv::only(["PATH"]), ProcessEnv::prefix("PA"), ProcessEnv::prefix("")]
    {
        assert!(env.get("PATH").is_some());
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
        assert_eq!(Expander::new(&vars).no_fallback().expand(input).unwrap(), "");
        let embedded = format!("{input}/path");
        assert_eq!(expand(&embedded, &vars), embedded);
    }
    let provenance = |input| Expander::new(&vars).explain(input).next().unwrap().provenance();
    assert_eq!(provenance("$ENVREF_HOST"), Provenance::Fallback);
    assert_eq!(provenance("$ENVREF_HOST "), Provenance::Unset(Reason::Embedded));
    assert_eq!(provenance("$ENVREF_OTHER"), Provenance::Unset(Reason::Unset));
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
    let none: [(&str, &str); 0] = [];
    assert_eq!(expand("$ENVREF_BYTES", &none), "");
    let error = Expander::new(&none).strict().expand("$ENVREF_BYTES").unwrap_err();
    assert_eq!(error.to_string(), "unresolved reference $ENVREF_BYTES at 1:1: its value is not Unicode");
    assert!(!format!("{error:?}").contains("secret"));

    let layers = Layers::new(&none);
    let (listed, all) = (ProcessEnv::only(["OTHER"]), ProcessEnv::any());
    assert_eq!(layers.over(&listed).over(&all).reason("ENVREF_BYTES"), Reason::NotUnicode);
}
