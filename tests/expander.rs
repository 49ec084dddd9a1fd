//! The rules of an expander: which lookups fit, what becomes of the unset, the limit, and what is explained.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use envref::{
    ErrorKind, Expander, Form, Layers, Lookup, ProcessEnv, Provenance, Reason, Site, Unset, from_fn,
};

#[test]
fn slices_trait_objects_and_lookups_that_are_not_sync_are_variables() {
    fn generic<V: Lookup + ?Sized>(vars: &V) -> Cow<'_, str> {
        Expander::new(vars).expand("$A").unwrap()
    }
    let pairs = [("A".to_owned(), "x")];
    let slice: &[(String, &str)] = &pairs;
    let object: &dyn Lookup = &pairs;
    assert_eq!(Expander::new(slice).expand("-$A").unwrap(), "-x");
    assert_eq!(Expander::new(&slice).expand("-$A").unwrap(), "-x");
    assert_eq!(Expander::new(object).expand("-$A").unwrap(), "-x");
    assert_eq!(Expander::new(&object).expand("-$A").unwrap(), "-x");
    assert_eq!((generic(slice), generic(object), generic(&pairs)), ("x".into(), "x".into(), "x".into()));

    let names = RefCell::new(Vec::new());
    let recording = from_fn(|name| {
        names.borrow_mut().push(name.to_owned());
        (name == "A").then_some("x")
    });
    let expander = Expander::new(&recording).fallback(slice);
    assert_eq!(expander.expand("$A $B ${A}").unwrap(), "x $B x");
    assert_eq!(names.into_inner(), ["A", "B", "A"]);
}

#[test]
fn any_lookup_is_a_fallback() {
    let host = [("H", "host")];
    let expander = Expander::new(&());
    let boxed: Box<dyn Lookup> = Box::new(host);
    assert_eq!(expander.fallback(&host).expand("$H").unwrap(), "host");
    assert_eq!(expander.fallback(&host[..]).expand("$H").unwrap(), "host");
    assert_eq!(expander.fallback(&*boxed).expand("$H").unwrap(), "host");
    assert_eq!(
        expander.fallback(&host).fallback(&ProcessEnv::only::<[&str; 0]>([])).expand("$H").unwrap(),
        ""
    );
}

#[test]
fn an_expander_can_be_named_made_in_one_expression_and_copied() {
    struct Loader<'v> {
        expander: Expander<'v, HashMap<String, String>>,
    }
    let vars = HashMap::from([("A".to_owned(), "x".to_owned())]);
    let loader = Loader { expander: Expander::new(&vars) };
    let strict = loader.expander.on_unset(Unset::Reject);
    assert_eq!(loader.expander.expand("$A$B").unwrap(), "x$B");
    assert!(strict.expand("$A$B").is_err());

    let result = Expander::new(&vars).output_limit(9).expand("-$A").unwrap();
    assert_eq!(result, "-x");
    let either: [Expander<'_>; 2] = [Expander::new(&vars as &(dyn Lookup + Sync)), Expander::new(&())];
    assert_eq!(either.map(|expander| expander.expand("$A").unwrap()), ["x", ""]);
}

#[test]
fn unset_decides_about_references_without_a_value() {
    let vars = [("A", "x"), ("EMPTY", "")];
    let host = [("H", "host")];
    let expander = Expander::new(&vars).fallback(&host);
    // Default, Keep, Empty; and whether Reject does.
    for (input, [default, keep, empty], is_rejected) in [
        ("plain $5", ["plain $5"; 3], false),
        ("$A/$A", ["x/x"; 3], false),
        ("$EMPTY", [""; 3], false),
        ("[$EMPTY]", ["[]"; 3], false),
        ("${H}", ["host"; 3], false),
        ("${B}", ["", "${B}", ""], true),
        ("$<B>", ["", "$<B>", ""], true),
        ("${H}/", ["${H}/", "${H}/", "/"], true),
        ("$A $B $5 ${A-b}", ["x $B $5 ${A-b}", "x $B $5 ${A-b}", "x  $5 ${A-b}"], true),
        ("$B$A", ["$Bx", "$Bx", "x"], true),
        ("${B$A}", ["${Bx}"; 3], false),
        ("${A$B}", ["${A$B}", "${A$B}", "${A}"], true),
    ] {
        for (unset, expected) in [(Unset::Default, default), (Unset::Keep, keep), (Unset::Empty, empty)] {
            assert_eq!(expander.on_unset(unset).expand(input).unwrap(), expected, "{input} {unset:?}");
        }
        let rejecting = expander.on_unset(Unset::Reject).expand(input);
        assert_eq!(rejecting.is_err(), is_rejected, "{input}");
        assert!(rejecting.is_err_and(|it| it.kind() == ErrorKind::Unresolved) || !is_rejected);
    }
    assert_eq!(Unset::default(), Unset::Default);
}

#[test]
fn a_text_in_which_nothing_is_replaced_has_no_limit() {
    let script = "for f in $FILES; do echo $f; done";
    let vars = [("A", "x"), ("SAME", "$SAME")];
    let expander = Expander::new(&vars).output_limit(10);
    for input in [script, "a plain text", "cost: $100 to $200", "${A:-default}"] {
        assert!(matches!(expander.expand(input), Ok(Cow::Borrowed(text)) if std::ptr::eq(text, input)));
    }
    for unset in [Unset::Default, Unset::Keep] {
        assert_eq!(expander.on_unset(unset).output_limit(0).expand(script).unwrap(), script);
    }
    assert_eq!(
        expander.on_unset(Unset::Keep).output_limit(0).expand("${AN_UNSET_NAME}").unwrap(),
        "${AN_UNSET_NAME}"
    );
    assert_eq!(expander.output_limit(0).expand("${AN_UNSET_NAME}").unwrap(), "");
    // The rest of the text counts as soon as something is replaced, if only by nothing.
    assert_eq!(expander.expand("12345678 $A").unwrap(), "12345678 x");
    assert!(expander.expand("123456789 $A").is_err());
    assert!(expander.on_unset(Unset::Empty).expand(script).is_err());
    // A value that looks like its reference is a value.
    assert!(expander.output_limit(4).expand("$SAME").is_err());
}

#[test]
fn the_output_limit_blames_kept_text_that_crosses_it() {
    let vars = [("A", "x")];
    let error = Expander::new(&vars).output_limit(4).expand("$A and $B").unwrap_err();
    assert_eq!((error.span(), error.sites()), (2..9, &[][..]));
    let error = Expander::new(&vars).output_limit(4).expand("$A$LONG$A").unwrap_err();
    assert_eq!((error.span(), error.sites()[0].provenance()), (2..7, Provenance::Missing(Reason::Unset)));
}

/// Returns the sites of `text`: where they are, how they are written, and what they say.
fn explained<L: Lookup + ?Sized, F: Lookup + ?Sized>(
    expander: &Expander<'_, L, F>,
    text: &str,
) -> Vec<(usize, String, String)> {
    let explanation = expander.explain(text).unwrap();
    let said = |site: &Site| {
        let message = site.to_string();
        let (_, said) = message.split_once(": ").unwrap();
        (site.span().start, site.text().to_owned(), said.to_owned())
    };
    explanation.iter().map(said).collect()
}

#[test]
fn sites_are_in_the_order_of_the_text() {
    let vars = [("A", "secret")];
    let text = "${{ x }} $A é${B:-$A}$<C> ${D";
    let seen = explained(&Expander::new(&vars), text);
    let seen: Vec<_> = seen.iter().map(|(at, text, said)| (*at, text.as_str(), said.as_str())).collect();
    let text_here = "text, not a reference";
    assert_eq!(
        seen,
        [
            (0, "${{ x }}", text_here),
            (9, "$A", "from the variables"),
            (14, "${B:-$A}", text_here),
            (19, "$A", "from the variables"),
            (22, "$<C>", "unset"),
            (27, "${D", text_here),
        ]
    );
}

#[test]
fn a_site_has_name_form_span_position_and_provenance() {
    let vars = [("A", "secret")];
    let text = "\u{FEFF}one:\r\n  $<A> ${B";
    let explanation = Expander::new(&vars).explain(text).unwrap();
    let [site, near] = &explanation[..] else { panic!("{explanation:?}") };
    assert_eq!((site.name(), site.form(), site.text(), site.span()), ("A", Form::Angled, "$<A>", 11..15));
    assert_eq!((site.is_whole(), site.reason(), site.path()), (false, None, None));
    assert_eq!(site.position().unwrap().to_string(), "2:3");
    assert_eq!(site.render(text).to_string(), "2:3: $<A>: from the variables\n2 |   $<A> ${B\n  |   ^^^^\n");
    assert_eq!((near.name(), near.text(), near.span(), near.is_whole()), ("", "${B", 16..19, false));
    assert_eq!((near.provenance(), near.reason()), (Provenance::NearMiss, None));
    assert!(Expander::new(&vars).explain("${A:-b}").unwrap()[0].is_whole());
}

#[test]
fn a_near_miss_is_harmless_to_a_terminal() {
    let text = "${\u{1B}[2J\u{202E}\u{85}\t}";
    let site = &Expander::new(&()).explain(text).unwrap()[0];
    assert_eq!(site.text(), text);
    let shown = "${\u{FFFD}[2J\u{FFFD}\u{FFFD}\t}";
    assert_eq!(site.to_string(), format!("{shown}: text, not a reference"));
    assert!(!site.render(text).to_string().contains(['\u{1B}', '\u{202E}', '\u{85}']));
}

#[test]
fn an_explanation_is_a_slice_and_an_iterator() {
    let vars = [("A", "x")];
    let explanation = Expander::new(&vars).explain("$A $B").unwrap();
    assert_eq!(explanation.len(), 2);
    assert!(explanation.unmatched().is_empty());
    let names: Vec<&str> = (&explanation).into_iter().map(Site::name).collect();
    assert_eq!(names, ["A", "B"]);
    let owned: Vec<Site> = explanation.clone().into_iter().collect();
    assert_eq!(owned, explanation[..]);
    assert!(Expander::new(&vars).explain("$5").unwrap().is_empty());
}

#[cfg(any(feature = "serde", feature = "yaml"))]
#[test]
fn a_text_by_itself_has_no_path() {
    let vars = [("A", "x")];
    let nothing = envref::Paths::new(["nowhere"]).unwrap();
    let expander = Expander::new(&vars).paths(&nothing);
    assert_eq!(expander.expand("-$A").unwrap(), "-x");
    let explanation = expander.explain("-$A").unwrap();
    assert_eq!((explanation.len(), explanation.unmatched()), (1, &[][..]));
}

/// Returns the message of the error for the first reference of `text` that has no value.
fn message<L: Lookup + ?Sized, F: Lookup + ?Sized>(expander: &Expander<'_, L, F>, text: &str) -> String {
    expander.on_unset(Unset::Reject).expand(text).unwrap_err().to_string()
}

#[test]
fn a_message_says_why_there_is_no_value() {
    let vars = [("A", "x")];
    let expander = Expander::new(&vars);
    let host = ProcessEnv::only(["ENVREF_ALLOWED"]);
    let bounded = expander.fallback(&host);
    assert_eq!(message(&expander, "$B"), "unresolved reference $B at 1:1: unset, and no fallback is set");
    assert_eq!(message(&expander, "$B/"), "unresolved reference $B at 1:1: unset");
    assert_eq!(message(&bounded, "$ENVREF_ALLOWED"), "unresolved reference $ENVREF_ALLOWED at 1:1: unset");
    assert_eq!(
        message(&bounded, "$B"),
        "unresolved reference $B at 1:1: neither a variable nor an allowed environment variable"
    );
    // Allowed, but not read, because of its place.
    assert_eq!(
        message(&bounded, "$ENVREF_ALLOWED/"),
        "unresolved reference $ENVREF_ALLOWED at 1:1: \
         not among the variables, and the fallback is not asked within a longer text"
    );
}

/// Has no variable, for a reason of its own.
struct Refuses(&'static str);

impl Lookup for Refuses {
    fn value<'v>(&'v self, _: &str) -> Option<Cow<'v, str>> {
        None
    }

    fn reason(&self, _: &str) -> Reason {
        Reason::Other(self.0)
    }
}

#[test]
fn a_lookup_of_the_program_says_why_it_has_no_value() {
    let refuses = Refuses("contains a newline");
    for text in ["$A", "$A/"] {
        let said = "unresolved reference $A at 1:1: contains a newline";
        assert_eq!(message(&Expander::new(&refuses), text), said);
        assert_eq!(message(&Expander::new(&refuses).fallback(&ProcessEnv::only(["B"])), text), said);
        assert_eq!(message(&Expander::new(&Layers::new(()).over(&refuses)), text), said);
    }
    let fallback = Expander::new(&()).fallback(&refuses);
    assert_eq!(message(&fallback, "$A"), "unresolved reference $A at 1:1: contains a newline");
    let site = &fallback.explain("$A").unwrap()[0];
    assert_eq!(site.reason(), Some(Reason::Other("contains a newline")));
    assert!(message(&fallback, "$A/").ends_with("within a longer text"));
}

#[test]
fn an_error_names_its_reference_though_the_lookup_changes_its_answer() {
    let asked = Cell::new(0);
    let fickle = from_fn(|_| {
        asked.set(asked.get() + 1);
        (asked.get() > 1).then_some("now")
    });
    assert_eq!(message(&Expander::new(&fickle), "$A $B"), "unresolved reference $A at 1:1: unset");
}

#[test]
fn layers_of_different_types_are_asked_in_order() {
    let workspace = HashMap::from([("A".to_owned(), "workspace".to_owned())]);
    let organisation = BTreeMap::from([("A", "no"), ("B", "organisation")]);
    let none: Option<HashMap<String, String>> = None;
    let layers = Layers::new(&workspace)
        .over(none)
        .over(organisation)
        .over([("B", "no"), ("C", "defaults")])
        .over(from_fn(|name| Some(name.to_lowercase())))
        .over(Layers::new(Box::new(ProcessEnv::any()) as Box<dyn Lookup>));
    assert_eq!(
        Expander::new(&layers).expand("$A $B $C $PATH").unwrap(),
        "workspace organisation defaults path"
    );
    let result = Expander::new(&layers).expand("$A").unwrap();
    assert!(matches!(result, Cow::Borrowed(text) if std::ptr::eq(text, workspace["A"].as_str())));
}
