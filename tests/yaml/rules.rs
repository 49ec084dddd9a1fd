//! The rules of an expander on YAML: fallback, paths, the unset, the output limit; and what an expansion costs.

use super::*;

#[test]
fn the_fallback_is_asked_for_whole_values_only() {
    let host = [("H", "host")];
    let expander = Expander::new(&[("A", "x")]).fallback(&host);
    for (input, expected) in [
        ("k: $H", "k: host"),
        ("k: '${H}'", "k: 'host'"),
        ("k: \"\\x24{H}\"", "k: \"host\""),
        ("k: |-\n  $H\n", "k: |-\n  host\n"),
        ("k: |\n  $H\n", "k: |\n  $H\n"), // The text ends with a newline.
        ("k: x $H", "k: x $H"),
        ("k: ' $H'", "k: ' $H'"),
        ("k: $A$H", "k: x$H"),
        ("k: $NO", "k: \"\""),
    ] {
        assert_eq!(yaml::expand(input, &expander).unwrap(), expected);
    }
}

#[test]
fn values_are_not_expanded_again() {
    check(&[("k: $A", "$A ${B}", "k: $A ${B}"), ("k: |\n  $A\n  $A\n", "$A", "k: |\n  $A\n  $A\n")]);
}

#[test]
fn paths_select_the_values() {
    let input = "a: $A\nb:\n  - c: $A\n  - d: $A\n? [x]\n: $A\n";
    for (pattern, expected) in [
        ("a", "a: v\nb:\n  - c: $A\n  - d: $A\n? [x]\n: $A\n"),
        ("b[*].c", "a: $A\nb:\n  - c: v\n  - d: $A\n? [x]\n: $A\n"),
        ("b[1].**", "a: $A\nb:\n  - c: $A\n  - d: v\n? [x]\n: $A\n"),
        ("*", "a: v\nb:\n  - c: $A\n  - d: $A\n? [x]\n: v\n"),
        ("** !b[1].**", "a: v\nb:\n  - c: v\n  - d: $A\n? [x]\n: v\n"),
        ("!**.c", "a: v\nb:\n  - c: $A\n  - d: v\n? [x]\n: v\n"),
    ] {
        let paths = Paths::new(pattern.split(' ')).unwrap();
        let expander = Expander::new(&[("A", "v")]).paths(&paths);
        assert_eq!(yaml::expand(input, &expander).unwrap(), expected, "{pattern}");
        assert_eq!(yaml::explain(input, &expander).unwrap().len(), expected.matches('v').count());
    }
}

#[test]
fn unset_decides_in_every_style() {
    let input = "- $N\n- '$N'\n- x$N\n- \"\\x24N\"\n- |\n  $N\n- >-\n  $N x\n- [$N]\n";
    for (unset, expected) in [
        (Unset::Default, "- \"\"\n- ''\n- x$N\n- \"\"\n- |\n  $N\n- >-\n  $N x\n- [\"\"]\n"),
        (Unset::Keep, input),
        (Unset::Empty, "- \"\"\n- ''\n- x\n- \"\"\n- \"\\n\"\n- \" x\"\n- [\"\"]\n"),
    ] {
        let expander = Expander::new(&[("A", "x")]).on_unset(unset);
        assert_eq!(yaml::expand(input, &expander).unwrap(), expected, "{unset:?}");
    }
    let error = yaml::expand(input, &Expander::new(&[("A", "x")]).on_unset(Unset::Reject)).unwrap_err();
    assert_eq!((error.kind(), error.sites().len()), (ErrorKind::Unresolved, 7));
}

#[test]
fn the_output_limit_counts_texts_in_which_something_is_replaced() {
    let vars = [("A", "aaaa")];
    let expander = Expander::new(&vars);
    for (input, len) in [
        ("$A", 4),
        ("x $A", 6),
        ("x $A$A y $A z # a comment", 19),
        ("k: $A\nl: $A # comment\nm: no reference\nn: $NONE!\n$A: x\n", 8),
        ("k: |\n  $A\n", 5),
        ("- '$A'\n- \"x $A\"\n", 10),
    ] {
        let result = yaml::expand(input, &expander).unwrap();
        assert_eq!(yaml::expand(input, &expander.output_limit(len)).unwrap(), result);
        let error = yaml::expand(input, &expander.output_limit(len - 1)).unwrap_err();
        assert_eq!((error.kind(), error.sites().len()), (ErrorKind::OutputLimit, 1), "{input}");
    }
    let nothing_replaced = "k: for f in $FILES; do echo $f; done\n";
    assert_eq!(yaml::expand(nothing_replaced, &expander.output_limit(0)).unwrap(), nothing_replaced);
    let error = yaml::expand("k: $A\nl: ${A}\n", &expander.output_limit(7)).unwrap_err();
    assert_eq!(error.to_string(), "expansion longer than the limit of 7 bytes with ${A} at 2:4");
    assert_eq!((error.sites()[0].path(), error.span()), (Some("l"), 9..13));
}

#[test]
fn amplification_fails_before_memory_is_taken() {
    let value = "x\n".repeat(1 << 16);
    let vars = [("A", &value)];
    let expander = Expander::new(&vars).output_limit(1 << 20);
    let many = "- $A\n".repeat(1 << 14);
    let in_one = format!("- {}\n", "$A ".repeat(1 << 14));
    let indented = format!("k: |\n{}a $A b\n", " ".repeat(1 << 14));
    for input in [many, in_one] {
        let error = yaml::expand(&input, &expander).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutputLimit);
    }
    // Each line would take the indentation with it.
    let result = yaml::expand(&indented, &expander).unwrap();
    assert!(result.len() < 1 << 20 && result.starts_with("k: \"a x\\nx\\n"));
}

#[test]
fn many_references_are_as_right_as_one() {
    let vars = [("A", "x: y")];
    let entry = "- $A\n- '$A $A'\n- |\n  $A\n- x\n- [$A, \"\\x24A\"]\n";
    let result = expand(&entry.repeat(10_000), &vars).unwrap();
    assert!(result == expand(entry, &vars).unwrap().repeat(10_000));
    let sites = yaml::explain(&entry.repeat(10_000), &Expander::new(&vars)).unwrap();
    assert_eq!(sites.len(), 60_000);
    assert_eq!(sites.last().unwrap().position().unwrap().to_string(), "60000:9");

    let one_scalar = "$A ".repeat(100_000);
    let result = expand(&format!("- '{one_scalar}'"), &vars).unwrap();
    assert!(result == format!("- '{}'", "x: y ".repeat(100_000)));
}

#[test]
fn an_expansion_takes_at_most_three_times_the_memory_of_its_stream() {
    let vars = [("A", "x"), ("B", "a: b"), ("C", "one\ntwo")];
    let expander = Expander::new(&vars);
    let server =
        "- name: server\n  image: \"host/$B:1\" # $A\n  args: [run, '$A']\n  cert: |\n    $C\n  port: 80\n";
    for entry in [server, "- $A\n", "- $B\n", "- |\n  a\n  $C\n", "- \"\\t$A \\x24A\"\n", "- x $NONE\n"] {
        let stream = entry.repeat((1 << 20) / entry.len());
        let expand = || yaml::expand(&stream, &expander).unwrap().len();
        let len = expand().max(stream.len());
        let info = allocation_counter::measure(|| assert!(expand() <= len));
        let most = 3 * u64::try_from(len).unwrap();
        assert!(info.bytes_max <= most, "{entry:?}: {} of {most}", info.bytes_max);
    }
}
