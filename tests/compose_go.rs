//! What compose-go tests of itself, as data: `template/template_test.go`, `template/variables_test.go` and the tests of
//! `interpolation/` of github.com/compose-spec/compose-go, of its versions up to the one with named mappings. What comes out is
//! the same here, but where a case says which [`Departure`] it is.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use envref::{
    Action, Dialect, ErrorKind, Expander, Layers, Lookup, Operator, Reference, Site, Unset, from_fn,
};

/// Where this crate differs on purpose: a row of "Where it differs from Compose" in `docs/dialects.md`.
#[derive(Debug, PartialEq)]
enum Departure {
    /// The message behind a `?` is shown as it is written, and not expanded.
    MessageAsWritten,
    /// All variables that are missing are reported, and not the first one.
    EveryMissing,
    /// A text that is malformed is an error of its own, before variables that are missing.
    MalformedFirst,
    /// There are no named mappings: `${env[A]}` is malformed.
    NoNamedMappings,
}

fn compose<L: Lookup + ?Sized>(vars: &L) -> Expander<'_, L> {
    Expander::new(vars).dialect(Dialect::Compose).on_unset(Unset::Empty)
}

type Vars = [(&'static str, &'static str)];

#[track_caller]
fn check(vars: &Vars, cases: &[(&str, &str)]) {
    for (input, expected) in cases {
        assert_eq!(compose(vars).expand(input).unwrap(), *expected, "{input}");
    }
}

#[track_caller]
fn check_malformed(inputs: &[&str]) {
    for input in inputs {
        assert_eq!(compose(&FOO).expand(input).unwrap_err().kind(), ErrorKind::Malformed, "{input}");
    }
}

/// Returns name and message of each variable that is missing.
fn missing(sites: &[Site]) -> Vec<(&str, &str)> {
    sites.iter().map(|site| (site.name(), site.operator().unwrap().1)).collect()
}

/// The variables of the tests of templates.
const FOO: [(&str, &str); 3] = [("FOO", "first"), ("BAR", ""), ("JSON", r#"{"json":2}"#)];

#[test]
fn texts_without_a_reference() {
    check(
        &FOO,
        &[
            ("$${foo}", "${foo}"),
            ("$${foo[bar]}", "${foo[bar]}"),
            ("foo", "foo"),
            ("a $ string", "a $ string"),
            ("^REGEX$", "^REGEX$"),
            ("$}", "$}"),
            ("$", "$"),
        ],
    );
}

#[test]
fn templates_that_are_invalid() {
    check_malformed(&["${", "${}", "${ }", "${ foo}", "${foo }", "${foo!}"]);
}

#[test]
fn references_without_an_operator() {
    check(
        &FOO,
        &[
            ("$FOO-bar", "first-bar"),
            ("$foo[bar]-bar", "[bar]-bar"),
            ("This ${missing} var", "This  var"),
            ("This ${BAR} var", "This  var"),
            ("This $FOO var", "This first var"),
            ("This ${FOO} var", "This first var"),
        ],
    );
}

#[test]
fn defaults() {
    check(
        &FOO,
        &[
            ("ok ${missing:-def}", "ok def"),
            ("ok ${missing-def}", "ok def"),
            ("ok ${BAR:-def}", "ok def"),
            ("ok ${FOO:-def}", "ok first"),
            ("ok ${BAR-def}", "ok "),
            ("ok ${BAR:-/non:-alphanumeric}", "ok /non:-alphanumeric"),
            (r#"ok ${missing:-{"json":1}}"#, r#"ok {"json":1}"#),
            (r#"ok ${missing-{"json":1}}"#, r#"ok {"json":1}"#),
            (r#"ok ${JSON:-{"json":1}}"#, r#"ok {"json":2}"#),
            (r#"ok ${JSON-{"json":1}}"#, r#"ok {"json":2}"#),
            ("ok ${SUBDOMAIN:-redis}.${FOO:?}", "ok redis.first"),
        ],
    );
}

#[test]
fn replacements() {
    check(
        &FOO,
        &[
            ("ok ${UNSET_VAR:+presence_value}", "ok "),
            ("ok ${UNSET_VAR+presence_value}", "ok "),
            ("ok ${FOO:+presence_value}", "ok presence_value"),
            ("ok ${FOO+presence_value}", "ok presence_value"),
            ("ok ${BAR+presence_value}", "ok presence_value"),
            ("ok ${BAR:+presence_value}", "ok "),
        ],
    );
}

#[test]
fn text_outside_that_looks_like_an_operator() {
    check(
        &FOO,
        &[
            ("-ok ${BAR:-defaultValue}", "-ok defaultValue"),
            ("+ok ${UNSET:-${BAR-defaultValue}}", "+ok "),
            ("-ok ${FOO:-defaultValue}", "-ok first"),
            (":-ok ${UNSET-defaultValue}", ":-ok defaultValue"),
            (":-ok ${BAR-defaultValue}", ":-ok "),
            (":?ok ${BAR-defaultValue}", ":?ok "),
            (":?ok ${BAR:-defaultValue}", ":?ok defaultValue"),
            (":+ok ${BAR:-defaultValue}", ":+ok defaultValue"),
            ("+ok ${BAR-defaultValue}", "+ok "),
            ("?ok ${BAR:-defaultValue}", "?ok defaultValue"),
        ],
    );
}

#[test]
fn words_with_references() {
    check(
        &FOO,
        &[
            ("ok ${UNSET_VAR-$FOO}", "ok first"),
            ("ok ${UNSET_VAR-${FOO}}", "ok first"),
            ("ok ${UNSET_VAR-${FOO} ${FOO}}", "ok first first"),
            ("ok ${BAR:-$FOO}", "ok first"),
            ("ok ${BAR:-${FOO}}", "ok first"),
            ("ok ${BAR:-${FOO} ${FOO}}", "ok first first"),
            ("ok ${BAR+$FOO}", "ok first"),
            ("ok ${BAR+$FOO ${FOO:+second}}", "ok first second"),
        ],
    );
}

#[test]
fn the_first_operator_counts() {
    check(
        &FOO,
        &[
            ("${UNSET_VAR-myerror?msg}", "myerror?msg"),
            ("${FOO?bar-baz}", "first"),
            ("${BAR:-default_value_for_empty_var}", "default_value_for_empty_var"),
            ("${UNSET_VAR-default_value_for_unset_var}", "default_value_for_unset_var"),
        ],
    );
    for (inside, operator) in [
        ("VARNAME:?val?ue", ":?"),
        ("VARNAME?val:?ue", "?"),
        ("VARNAME?va-lu+e:?e", "?"),
        ("VARNAME?va+lu-e:?e", "?"),
        ("VARNAME:-value", ":-"),
        ("VARNAME-va:-lu:?e", "-"),
        ("VARNAME-va+lu?e", "-"),
        ("VARNAME-va?lu+e", "-"),
        ("VARNAME:+va:?lu:-e", ":+"),
        ("VARNAME+va:+lue", "+"),
        ("VARNAME+va?lu-e", "+"),
        ("VARNAME+va-lu?e", "+"),
    ] {
        let text = format!("${{{inside}}}");
        let reference = Dialect::Compose.references(&text).next().unwrap();
        assert_eq!((reference.name(), reference.text()), ("VARNAME", &*text));
        assert_eq!(reference.operator().map(|(operator, _)| operator.as_str()), Some(operator), "{text}");
    }
}

#[test]
fn variables_that_have_to_have_a_value() {
    check(&FOO, &[("ok ${FOO:?err}", "ok first"), ("ok ${FOO?err}", "ok first"), ("ok ${BAR?err}", "ok ")]);
    for (input, name, message) in [
        ("not ok ${UNSET_VAR:?Mandatory Variable Unset}", "UNSET_VAR", "Mandatory Variable Unset"),
        ("not ok ${BAR:?Mandatory Variable Empty}", "BAR", "Mandatory Variable Empty"),
        ("not ok ${UNSET_VAR:?}", "UNSET_VAR", ""),
        ("not ok ${UNSET_VAR?Mandatory Variable Unset}", "UNSET_VAR", "Mandatory Variable Unset"),
        ("not ok ${UNSET_VAR?}", "UNSET_VAR", ""),
        ("${UNSET_VAR?bar-baz}", "UNSET_VAR", "bar-baz"),
    ] {
        let error = compose(&FOO).expand(input).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unresolved, "{input}");
        assert_eq!(missing(error.sites()), [(name, message)], "{input}");
    }
}

#[test]
fn messages_with_references() {
    for (input, theirs, ours, departure) in [
        (
            "not ok ${UNSET_VAR:?Mandatory Variable ${FOO}}",
            "Mandatory Variable first",
            "Mandatory Variable ${FOO}",
            Departure::MessageAsWritten,
        ),
        (
            "not ok ${UNSET_VAR?Mandatory Variable ${FOO}}",
            "Mandatory Variable first",
            "Mandatory Variable ${FOO}",
            Departure::MessageAsWritten,
        ),
    ] {
        let error = compose(&FOO).expand(input).unwrap_err();
        assert_eq!(missing(error.sites()), [("UNSET_VAR", ours)], "{input}: {departure:?}");
        let message = error.to_string();
        assert!(message.ends_with(ours) && !message.ends_with(theirs), "{message}: {departure:?}");
    }
}

/// A function that looks variables up is a lookup here, and one that fails is `Unset::Reject`.
#[test]
fn custom_functions() {
    let rejects = compose(&FOO).on_unset(Unset::Reject);
    assert_eq!(rejects.expand("ok ${FOO}").unwrap(), "ok first");
    assert_eq!(rejects.expand("ok ${BAR}").unwrap(), "ok ");
    let error = rejects.expand("ok ${NOTHERE}").unwrap_err();
    assert_eq!(error.to_string(), "unresolved reference ${NOTHERE} at 1:4: unset");

    // What is unset is `foobar`, or what is empty, too; but one name that nothing has.
    let others = from_fn(|name: &str| (name != "NOTHERE").then(|| "foobar".to_owned()));
    let not_empty = from_fn(|name: &str| FOO.value(name).filter(|value| !value.is_empty()));
    let where_unset = Layers::new(&FOO).over(&others);
    let where_empty = Layers::new(&not_empty).over(&others);
    for (layers, of_bar) in [(&where_unset as &dyn Lookup, "ok "), (&where_empty, "ok foobar")] {
        let expander = compose(layers).on_unset(Unset::Reject);
        assert_eq!(expander.expand("ok ${FOO}").unwrap(), "ok first");
        assert_eq!(expander.expand("ok ${BAR}").unwrap(), of_bar);
        assert_eq!(expander.expand("ok ${UNSET}").unwrap(), "ok foobar");
        assert_eq!(expander.expand("ok ${NOTHERE}").unwrap_err().sites().len(), 1);
    }
}

/// An option of compose-go, which without it leaves such texts as they are.
#[test]
fn named_mappings() {
    check_malformed(&[
        "${[]",
        "${[]}",
        "${ [ ] }",
        "${ foo[bar]}",
        "${foo[bar] }",
        "${foo [bar] }",
        "${foo [bar }",
        "${foo bar]}",
        "${$FOO[bar]}",
        "${FOO_${foo[bar]}}",
        "${foo[bar]a:-def}",
    ]);
    for (input, theirs, departure) in [
        ("This ${missing[foo]} var", "This ${missing[foo]} var", Departure::NoNamedMappings),
        ("This ${FOO[BAR]} var", "This  var", Departure::NoNamedMappings),
        ("This ${FOO[FOO]} var", "This first var", Departure::NoNamedMappings),
        ("ok ${env[BAR]:-def}", "ok def", Departure::NoNamedMappings),
        ("ok ${env[FOO]+presence_value}", "ok presence_value", Departure::NoNamedMappings),
        ("ok ${env[${UNSET_VAR-FOO}]}", "ok first", Departure::NoNamedMappings),
        ("ok ${UNSET_VAR-${env[FOO]}}", "ok first", Departure::NoNamedMappings),
        ("ok ${env[FOO]:?err}", "ok first", Departure::NoNamedMappings),
    ] {
        let error = compose(&FOO).expand(input).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{input}: not {theirs}, by {departure:?}");
    }
}

/// What a template says of a variable.
#[derive(Debug, Default, PartialEq)]
struct Variable {
    default: String,
    presence: String,
    is_required: bool,
}

impl Variable {
    fn of(operator: Option<(Operator, &str)>) -> Self {
        let mut variable = Self::default();
        let Some((operator, word)) = operator else { return variable };
        match operator.action() {
            Action::Default => word.clone_into(&mut variable.default),
            Action::Replace => word.clone_into(&mut variable.presence),
            Action::Require => variable.is_required = true,
            other => panic!("{other:?}"),
        }
        variable
    }
}

/// What is extracted from a document, of which the values are enough: name, default, value if present, whether required.
#[test]
fn extraction() {
    type Row = (&'static str, &'static str, &'static str, bool);
    let cases: &[(&[&str], &[Row])] = &[
        (&[], &[]),
        (&["bar"], &[]),
        (&["$bar"], &[("bar", "", "", false)]),
        (&["${bar}"], &[("bar", "", "", false)]),
        (&["${bar?:foo}"], &[("bar", "", "", true)]),
        (&["${bar?foo}"], &[("bar", "", "", true)]),
        (&["${bar:-foo}"], &[("bar", "foo", "", false)]),
        (&["${bar-foo}"], &[("bar", "foo", "", false)]),
        (
            &["${bar:-foo}", "${fruit:-banana}", "vegetable", "foo", "$docker:${project:-cli}", "$toto"],
            &[
                ("bar", "foo", "", false),
                ("fruit", "banana", "", false),
                ("toto", "", "", false),
                ("docker", "", "", false),
                ("project", "cli", "", false),
            ],
        ),
        (&["${bar:+foo}"], &[("bar", "", "foo", false)]),
        (&["${bar+foo}"], &[("bar", "", "foo", false)]),
        (
            &["${SUBDOMAIN:-redis}.${ROOTDOMAIN:?}"],
            &[("ROOTDOMAIN", "", "", true), ("SUBDOMAIN", "redis", "", false)],
        ),
        (
            &["${SUBDOMAIN:-$ROOTDOMAIN}"],
            &[("ROOTDOMAIN", "", "", false), ("SUBDOMAIN", "$ROOTDOMAIN", "", false)],
        ),
    ];
    for (texts, expected) in cases {
        let row = |(name, default, presence, is_required): &Row| {
            let [default, presence] = [default, presence].map(|it| (*it).to_owned());
            ((*name).to_owned(), Variable { default, presence, is_required: *is_required })
        };
        let expected: BTreeMap<String, Variable> = expected.iter().map(row).collect();

        let of_reference = |it: Reference<'_>| (it.name().to_owned(), Variable::of(it.operator()));
        let references = texts.iter().flat_map(|text| Dialect::Compose.references(text).map(of_reference));
        assert_eq!(references.collect::<BTreeMap<_, _>>(), expected, "{texts:?}");

        // An explanation says the same, whatever the variables.
        let of_site = |it: Site| (it.name().to_owned(), Variable::of(it.operator()));
        for vars in [&[][..], &[("bar", "x"), ("SUBDOMAIN", "")]] {
            let sites = texts.iter().flat_map(|text| compose(vars).explain(text).unwrap()).map(of_site);
            assert_eq!(sites.collect::<BTreeMap<_, _>>(), expected, "{texts:?}");
        }
    }
}

/// The variables of the tests of documents.
const USER: [(&str, &str); 4] = [("USER", "jenny"), ("FOO", "bar"), ("count", "5"), ("REQUIRED", "true")];

#[test]
fn words_between_braces_that_are_text() {
    check(
        &[],
        &[
            ("{{{ ${FOO:-foo_} }}}", "{{{ foo_ }}}"),
            ("{{{ ${FOO:-foo-bar-value} }}}", "{{{ foo-bar-value }}}"),
            ("{{{ ${FOO:-foo?bar?value} }}}", "{{{ foo?bar?value }}}"),
            ("{{{ ${FOO:-foo:?bar:?value} }}}", "{{{ foo:?bar:?value }}}"),
            ("{{{ ${FOO:-foo} ${BAR:-DEFAULT_VALUE} }}}", "{{{ foo DEFAULT_VALUE }}}"),
            ("{{{ ${BAR} }}}", "{{{  }}}"),
            ("${FOO:-baz} }}}", "baz }}}"),
            ("${FOO-baz} }}}", "baz }}}"),
            ("${FOO:-${BAR:-${ZOT:-qix}}}", "qix"),
            ("${FOO:-${BAR:-x}_test_${BAR:-y}}", "x_test_y"),
            ("${FOO:-${BAR:-x}_test}", "x_test"),
            ("${FOO:-${BAR:-${ZOT:-x}}_test}", "x_test"),
        ],
    );
    check(
        &USER,
        &[
            ("{{{ ${FOO:-foo_} }}}", "{{{ bar }}}"),
            ("{{{ ${FOO:-foo-bar-value} }}}", "{{{ bar }}}"),
            ("{{{ ${FOO:-foo} ${BAR:-DEFAULT_VALUE} }}}", "{{{ bar DEFAULT_VALUE }}}"),
            ("{{{ ${BAR} }}}", "{{{  }}}"),
            ("${FOO:-baz} }}}", "bar }}}"),
            ("${FOO-baz} }}}", "bar }}}"),
            ("{{{ ${FOO:-foo} ${USER:-bar} }}}", "{{{ bar jenny }}}"),
            ("{{{ ${USER} }}}", "{{{ jenny }}}"),
        ],
    );
}

#[test]
fn variables_that_are_missing_between_braces() {
    for (input, message) in [
        ("{{{ ${FOO:?foo_} }}}", "foo_"),
        ("{{{ ${FOO:?foo-bar-value} }}}", "foo-bar-value"),
        ("{{{ ${FOO:?foo} ${BAR:-DEFAULT_VALUE} }}}", "foo"),
        ("${FOO:?baz} }}}", "baz"),
        ("${FOO?baz} }}}", "baz"),
    ] {
        let error = compose(&()).expand(input).unwrap_err();
        assert_eq!(missing(error.sites()), [("FOO", message)], "{input}");
    }
    let (theirs, departure) = ([("FOO", "foo")], Departure::EveryMissing);
    let error = compose(&()).expand("${FOO:?foo} ${BAR:?bar}").unwrap_err();
    assert_eq!(missing(error.sites()), [theirs[0], ("BAR", "bar")], "{departure:?}");
}

#[cfg(feature = "yaml")]
mod documents {
    use super::*;

    use envref::{Error, yaml};

    fn expand(input: &str, vars: &Vars) -> Result<String, Error> {
        yaml::expand(input, &compose(vars)).map(std::borrow::Cow::into_owned)
    }

    #[test]
    fn every_value_of_a_document_is_expanded() {
        for (vars, input, expected) in [
            (
                &USER[..],
                "servicea:\n  image: example:${USER}\n  volumes: [\"$FOO:/target\"]\n  logging:\n    driver: ${FOO}\n    \
                 options: {user: $USER}\n",
                "servicea:\n  image: example:jenny\n  volumes: [\"bar:/target\"]\n  logging:\n    driver: bar\n    \
                 options: {user: jenny}\n",
            ),
            (&[("FOO", "BARZ")], "networks:\n  foo: thing_${FOO}\n", "networks:\n  foo: thing_BARZ\n"),
            (
                &[("IMAGE", "nginx"), ("FOO_VAL", "hello"), ("VERSION", "1.0")],
                "services:\n  web:\n    image: ${IMAGE}\n    environment:\n      FOO: ${FOO_VAL}\n      BAR: \
                 ${BAR_VAL:-default_bar}\n    labels:\n      version: ${VERSION}\n",
                "services:\n  web:\n    image: nginx\n    environment:\n      FOO: hello\n      BAR: \
                 default_bar\n    labels:\n      version: 1.0\n",
            ),
            (&[], "services: {web: {image: \"${IMAGE:-default}\"}}", "services: {web: {image: \"default\"}}"),
            (&[], "services: {web: {ports: [\"8080\"]}}", "services: {web: {ports: [\"8080\"]}}"),
            (
                &[("TAG", "2.0"), ("BAR", "bar")],
                "image: nginx:${TAG}\nenvironment:\n  FOO: ${BAR:-fallback}\n  DOUBLE: $$LITERAL\n",
                "image: nginx:2.0\nenvironment:\n  FOO: bar\n  DOUBLE: $LITERAL\n",
            ),
            (
                &[("A", "alpha"), ("B", "beta"), ("C", "gamma")],
                "image: ${A}-${B}-${C}\n",
                "image: alpha-beta-gamma\n",
            ),
            (&[], "", ""),
        ] {
            assert_eq!(expand(input, vars).unwrap(), expected);
        }
    }

    /// What compose-go casts by path has the type that YAML gives it, and with `de` the one that is asked for.
    #[test]
    fn values_have_types() {
        let input = "foo:\n  replicas: $count\n  required: $REQUIRED\nports:\n  - ${PORT}\n";
        let expected = "foo:\n  replicas: 5\n  required: true\nports:\n  - 8080\n";
        let vars = [&USER[..], &[("PORT", "8080")]].concat();
        assert_eq!(expand(input, &vars).unwrap(), expected);

        #[cfg(feature = "serde")]
        {
            let expander = compose(&USER);
            let mut json = serde_json::Deserializer::from_str(r#"["$count", "$REQUIRED"]"#);
            let read: (u16, bool) = envref::de::deserialize(&mut json, &expander).unwrap();
            assert_eq!(read, (5, true));
        }
    }

    #[test]
    fn an_invalid_template_is_an_error_with_its_place() {
        let error = expand("servicea:\n  image: ${\n", &USER).unwrap_err();
        assert_eq!((error.kind(), error.position().to_string()), (ErrorKind::Malformed, "2:10".into()));
    }

    #[test]
    fn all_that_is_missing_is_reported_with_its_path() {
        let input = "service:\n  environment:\n    TIMEZONE: ${TIMEZONE:?}\n  volumes:\n    - source: ${ACME_PATH:?}\n";
        let error = expand(input, &USER).unwrap_err();
        let found: Vec<_> = error.sites().iter().map(|site| (site.name(), site.path().unwrap())).collect();
        let expected =
            [("TIMEZONE", "service.environment.TIMEZONE"), ("ACME_PATH", "service.volumes[0].source")];
        assert_eq!(found, expected);

        let error = expand("service:\n  aaa: ${MISSINGA:?}\n  zzz: ${MISSINGZ:?}\n", &USER).unwrap_err();
        assert_eq!(missing(error.sites()), [("MISSINGA", ""), ("MISSINGZ", "")]);
        assert_eq!(expand("services: {web: {image: \"${IMAGE:?}\"}}", &[]).unwrap_err().sites().len(), 1);
        let error =
            expand("image: nginx:${TAG:-1.0}\ncommand: echo ${CMD:?cmd required}\n", &[]).unwrap_err();
        assert_eq!(missing(error.sites()), [("CMD", "cmd required")]);
    }

    #[test]
    fn a_malformed_text_and_a_missing_variable() {
        // Theirs has both, by path.
        let departure = Departure::MalformedFirst;
        for input in [
            "service:\n  aaa: ${\n  zzz: ${MISSING:?required}\n",
            "service:\n  aaa: ${MISSING:?required}\n  zzz: ${\n",
        ] {
            let error = expand(input, &USER).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{departure:?}");
            assert_eq!(error.each().count(), 1, "{departure:?}");
            assert!(!error.to_string().contains("MISSING"), "{departure:?}");
        }
    }
}
