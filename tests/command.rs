//! The command: what it prints, writes and returns. The cases are in `tests/cmd/`, the README and `docs/`; what a shell
//! session cannot show is here.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const EXE: &str = env!("CARGO_BIN_EXE_envref");

#[test]
fn sessions_run_as_documented() {
    trycmd::TestCases::new()
        .register_bin("envref", Path::new(EXE))
        .case("tests/cmd/*.trycmd")
        .case("README.md")
        .case("docs/command.md")
        .case("docs/recipes.md");
}

/// Runs the command in `dir` with a clean environment.
fn run(dir: &TempDir, args: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(EXE)
        .args(args)
        .current_dir(dir)
        .env_clear()
        // Only for measuring coverage.
        .envs(std::env::vars().filter(|(name, _)| name == "LLVM_PROFILE_FILE"))
        .env("ENVREF_HOST", "from the process")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that fails early does not read what it is sent.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn dir_with(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

fn names_in(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn output_replaces_a_file_as_a_whole_and_leaves_nothing_beside_it() {
    let dir = dir_with(&[("in.yaml", "a: $A\n"), ("out/out.yaml", "old")]);
    let output = run(&dir, &["expand", "--set", "A=new", "-o", "out/out.yaml", "in.yaml"], b"");
    assert!(output.status.success());
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_to_string(dir.path().join("out/out.yaml")).unwrap(), "a: new\n");
    assert_eq!(names_in(&dir.path().join("out")), ["out.yaml"]);

    // What cannot be expanded is not written.
    let output = run(&dir, &["expand", "--unset=reject", "-o", "out/out.yaml", "in.yaml"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(dir.path().join("out/out.yaml")).unwrap(), "a: new\n");
}

#[test]
fn an_input_is_overwritten_only_in_place() {
    let dir = dir_with(&[("in.yaml", "a: $A\n"), ("dir/b.yaml", "b: $A\n")]);
    for args in [["-o", "in.yaml", "in.yaml"], ["-o", "./dir/../in.yaml", "in.yaml"], ["-o", "dir", "dir"]] {
        let output = run(&dir, &[&["expand", "--set", "A=1"], &args[..]].concat(), b"");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains("--in-place"), "{}", text(&output.stderr));
    }
    assert_eq!(fs::read_to_string(dir.path().join("in.yaml")).unwrap(), "a: $A\n");

    let output = run(&dir, &["expand", "--set", "A=1", "--in-place", "in.yaml", "dir"], b"");
    assert!(output.status.success());
    assert_eq!(fs::read_to_string(dir.path().join("in.yaml")).unwrap(), "a: 1\n");
    assert_eq!(fs::read_to_string(dir.path().join("dir/b.yaml")).unwrap(), "b: 1\n");
}

#[test]
fn a_directory_is_rendered_into_a_directory() {
    let dir = dir_with(&[("in/a.yaml", "a: $A\n"), ("in/sub/b.yml", "b: $A"), ("in/c.txt", "c: $A\n")]);
    let output = run(&dir, &["expand", "--set", "A=1", "-o", "out", "in"], b"");
    assert!(output.status.success());
    assert_eq!(names_in(&dir.path().join("out")), ["a.yaml", "sub"]);
    assert_eq!(fs::read_to_string(dir.path().join("out/a.yaml")).unwrap(), "a: 1\n");
    assert_eq!(fs::read_to_string(dir.path().join("out/sub/b.yml")).unwrap(), "b: 1");
}

#[test]
fn a_file_that_is_not_utf_8_is_reported_and_the_others_are_checked() {
    let dir = dir_with(&[("good.yaml", "a: $A\n")]);
    fs::write(dir.path().join("bad.yaml"), b"a: \xFF$A\n").unwrap();
    let output = run(&dir, &["check", "bad.yaml", "good.yaml"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "error: bad.yaml: not UTF-8 at byte 3\n");
    assert!(text(&output.stdout).starts_with(
        "good.yaml:1:4: unresolved reference $A: unset (add --allow-env A to take it from the process)\n"
    ));
}

#[cfg(unix)]
#[test]
fn permissions_and_symbolic_links_of_an_output_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = dir_with(&[("in.yaml", "a: $A\n"), ("real.yaml", "old")]);
    let real = dir.path().join("real.yaml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real.yaml", dir.path().join("link.yaml")).unwrap();
    let output = run(&dir, &["expand", "--set", "A=1", "-o", "link.yaml", "in.yaml"], b"");
    assert!(output.status.success());
    assert!(dir.path().join("link.yaml").is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "a: 1\n");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);

    // A pipe, in a directory where no file can be created in its place.
    let output = run(&dir, &["expand", "--set", "A=1", "-o", "/dev/fd/1", "in.yaml"], b"");
    assert_eq!(text(&output.stdout), "a: 1\n");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_an_error() {
    let dir = dir_with(&[("in.yaml", "a: $A\n")]);
    for args in [["expand", "--set=A=1", "in.yaml"], ["list", "--format=json", "in.yaml"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(EXE).args(args).current_dir(&dir).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).starts_with("error: <stdout>: No space left"), "{args:?}");
    }
}

#[test]
fn colour_is_for_terminals_only_and_can_be_turned_off() {
    let dir = dir_with(&[("in.yaml", "a: $A\n")]);
    let check = |name: &str, value: &str| {
        Command::new(EXE)
            .args(["check", "in.yaml"])
            .current_dir(&dir)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env(name, value)
            .output()
            .unwrap()
    };
    assert!(!text(&check("TERM", "xterm").stdout).contains('\x1b'));
    assert!(!text(&check("NO_COLOR", "1").stdout).contains('\x1b'));
    assert!(text(&check("CLICOLOR_FORCE", "1").stdout).contains("\x1b[1m"));
}

#[test]
fn every_shell_gets_a_completion_script() {
    let dir = dir_with(&[]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&dir, &["completions", shell], b"");
        assert!(output.status.success());
        assert!(text(&output.stdout).contains("allow-env"), "{shell}");
    }
}

#[test]
fn a_hundred_megabytes_are_read_and_written() {
    let dir = TempDir::new().unwrap();
    let mut template = "- a line of a large file, with nothing in it to replace\n".repeat(1_800_000);
    assert!(template.len() > 100_000_000);
    template.insert_str(0, "- $A\n");
    fs::write(dir.path().join("in.yaml"), &template).unwrap();
    // No reference, so no parse: the test stays fast.
    template.replace_range(0.."- $A\n".len(), "- 5$\n");
    fs::write(dir.path().join("in.yaml"), &template).unwrap();
    let output = run(&dir, &["expand", "-o", "out.yaml", "in.yaml"], b"");
    assert!(output.status.success());
    assert!(fs::read_to_string(dir.path().join("out.yaml")).unwrap() == template);
}

// ---- What may be read ----

#[test]
fn no_process_variable_is_read_unless_an_option_names_it() {
    let dir = dir_with(&[]);
    let template = b"whole: $ENVREF_HOST\npart: -$ENVREF_HOST\n";
    let cases: [(&[&str], &str); 6] = [
        (&[], "whole: \"\"\npart: -$ENVREF_HOST\n"),
        (&["--allow-env", "ENVREF_HOST"], "whole: from the process\npart: -$ENVREF_HOST\n"),
        (&["--allow-env", "OTHER"], "whole: \"\"\npart: -$ENVREF_HOST\n"),
        (&["--set", "ENVREF_HOST"], "whole: from the process\npart: -from the process\n"),
        (&["--set", "ENVREF_HOST=set"], "whole: set\npart: -set\n"),
        (&["--set", "ENVREF_HOST=set", "--allow-env", "ENVREF_HOST"], "whole: set\npart: -set\n"),
    ];
    for (options, expected) in cases {
        let output = run(&dir, &[&["expand", "--quiet"], options].concat(), template);
        assert_eq!(text(&output.stdout), expected, "{options:?}");
        assert!(output.status.success() && output.stderr.is_empty(), "{options:?}");
    }
}

/// The log of a stranger's template must not tell which variables a host has.
#[test]
fn what_is_said_does_not_depend_on_process_variables_that_no_option_names() {
    let dir = dir_with(&[
        ("in.yaml", "- $ENVREF_X\n- -${ENVREF_X}\n- $OTHER\n- ${ENVREF_X:-8080}\n"),
        ("compose.yaml", "- ${ENVREF_X}\n- -$ENVREF_X${A:-$ENVREF_X}\n- ${ENVREF_X:?m}\n- ${ENVREF_X+x}\n"),
    ]);
    let run = |args: &[&str], value: Option<&OsStr>| {
        let mut command = Command::new(EXE);
        command.args(args).current_dir(&dir).env_remove("ENVREF_X").env_remove("OTHER");
        if let Some(value) = value {
            command.env("ENVREF_X", value);
        }
        command.output().unwrap()
    };
    let commands: [&[&str]; 5] =
        [&["check"], &["check", "--format=json"], &["expand"], &["expand", "--unset=reject"], &["list"]];
    let options: [&[&str]; 4] = [
        &["in.yaml"],
        &["in.yaml", "--allow-env=OTHER"],
        &["in.yaml", "--set=OTHER=1"],
        &["compose.yaml", "--dialect=compose"],
    ];
    let mut values = vec![OsStr::new("v"), OsStr::new("")];
    #[cfg(unix)]
    values.push(std::os::unix::ffi::OsStrExt::from_bytes(b"\xFF"));
    for args in commands.iter().flat_map(|command| options.map(|it| [command, it].concat())) {
        if args.contains(&"list") && args.iter().any(|it| it.contains("OTHER")) {
            continue;
        }
        let without = run(&args, None);
        assert_ne!(without.status.code(), Some(2), "{args:?}: {}", text(&without.stderr));
        for value in &values {
            assert_eq!(run(&args, Some(value)), without, "{args:?} {value:?}");
        }
    }
}

#[test]
fn a_message_names_the_option_that_takes_the_variable_from_the_process() {
    let dir = dir_with(&[]);
    let template = b"- $ENVREF_HOST\n- -$ENVREF_HOST\n- $ENVREF_NONE\n";
    let output = run(&dir, &["expand", "--allow-env", "ENVREF_NONE"], template);
    assert_eq!(
        text(&output.stderr),
        "<stdin>:1:3: warning: unresolved reference $ENVREF_HOST: unset \
         (add --allow-env ENVREF_HOST to take it from the process)\n\
         <stdin>:2:4: warning: unresolved reference $ENVREF_HOST: unset \
         (add --set ENVREF_HOST to take it from the process)\n\
         <stdin>:3:3: warning: unresolved reference $ENVREF_NONE: unset, and the process does not have it\n"
    );
    // These options help indeed.
    let output = run(
        &dir,
        &["expand", "--allow-env", "ENVREF_HOST", "--set", "ENVREF_HOST"],
        b"- $ENVREF_HOST\n- -$ENVREF_HOST\n",
    );
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        ("- from the process\n- -from the process\n", "")
    );
}

#[test]
fn a_missing_process_variable_is_a_warning() {
    let dir = dir_with(&[]);
    let output = run(&dir, &["check", "--set", "ENVREF_NONE"], b"- 1\n");
    assert_eq!(text(&output.stderr), "warning: --set ENVREF_NONE: the process has no such variable\n");
    assert_eq!(output.status.code(), Some(0));
    // It is no help to name the option again.
    let template = b"- $ENVREF_NONE\n- -$ENVREF_NONE\n";
    let output = run(&dir, &["check", "--quiet", "--format=json", "--set", "ENVREF_NONE"], template);
    let problems: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for problem in problems.as_array().unwrap() {
        let message = "unresolved reference $ENVREF_NONE: unset, and the process does not have it";
        assert_eq!((&problem["message"], &problem["reason"]), (&message.into(), &"unset".into()));
    }
}

#[test]
#[cfg(unix)]
fn json_says_why_a_reference_has_no_value() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir =
        dir_with(&[("in.yaml", "- $ENVREF_BROKEN\n- -$ENVREF_BROKEN\n- $ENVREF_UNSET\n- -$ENVREF_UNSET\n")]);
    let check = |options: &[&str]| {
        Command::new(EXE)
            .args(["check", "--format=json", "in.yaml"])
            .args(options)
            .current_dir(&dir)
            .env("ENVREF_BROKEN", OsStr::from_bytes(b"\xFF"))
            .output()
            .unwrap()
    };
    let reasons = |options: &[&str]| {
        let output = check(options);
        assert_eq!(output.status.code(), Some(1));
        let problems: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let problems = problems.as_array().unwrap();
        problems.iter().map(|it| it["reason"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&[]), ["not-allowed", "embedded", "not-allowed", "embedded"]);
    assert_eq!(
        reasons(&["--allow-env", "ENVREF_BROKEN", "--allow-env", "ENVREF_UNSET"]),
        ["not-unicode", "embedded", "unset", "embedded"]
    );
    let output = check(&["--set", "ENVREF_BROKEN"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "error: --set ENVREF_BROKEN: the value in the process is not Unicode\n");
}

#[test]
fn no_secret_reaches_standard_error() {
    let dir = dir_with(&[
        ("line.env", "A=1\nthis line is a s3cret\n"),
        ("quote.env", "A=1\nB=\"s3cret\n"),
        ("escape.env", "B=\"s3cret\\d\"\n"),
        ("rest.env", "B='s3cret' s3cret\n"),
        ("good.env", "TOKEN='s3cret: #'\n"),
    ]);
    fs::write(dir.path().join("bytes.env"), b"A=1\nB=s3cret\xFF\n").unwrap();
    let template = b"a: $TOKEN\nb: $MISSING\nc: -$TOKEN $MISSING\n";
    let cases: [(&[&str], i32, &str); 13] = [
        (&["expand", "--env-file", "good.env"], 0, "<stdin>:2:4: warning: "),
        (&["expand", "--env-file", "good.env", "--unset", "reject"], 1, "<stdin>:2:4: "),
        (&["expand", "-q", "--env-file", "good.env", "--output-limit", "5"], 1, "<stdin>:1:4: "),
        (&["check", "--env-file", "good.env"], 1, ""),
        (&["check", "--env-file", "line.env"], 2, "error: line.env: line 2 is not NAME=VALUE\n"),
        (
            &["check", "--env-file", "quote.env"],
            2,
            "error: quote.env: line 2 opens a quote that is never closed\n",
        ),
        (&["check", "--env-file", "escape.env"], 2, "error: escape.env: line 1 has an unknown escape: use"),
        (&["check", "--env-file", "rest.env"], 2, "error: rest.env: line 1 has text after a closing quote\n"),
        (&["check", "--env-file", "bytes.env"], 2, "error: bytes.env: line 2 is not UTF-8\n"),
        (&["expand", "--set", "TOKEN s3cret"], 2, "error: --set takes NAME=VALUE or NAME, and got neither\n"),
        (&["expand", "--set", "s3cret!"], 2, "error: --set takes NAME=VALUE or NAME, and got neither\n"),
        (&["expand", "--set", "1TOKEN=s3cret"], 2, "error: --set takes the name of a variable"),
        (&["expand", "--set", "TOKEN=s3cret", "--output", "/dev/null/\u{1}"], 2, ""),
    ];
    for (args, status, message) in cases {
        let output = run(&dir, args, template);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).starts_with(message), "{args:?}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("s3cret"), "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn variables_of_files_are_literal_and_may_come_from_standard_input() {
    let dir = dir_with(&[
        ("host.env", "\u{FEFF}A=${ENVREF_HOST}\r\nexport B=p@ss$word#1 # c\r\nC=\"x\\ny\"\r\n"),
        ("in.yaml", "- $A\n- $B\n- $C\n"),
    ]);
    let expected = "- ${ENVREF_HOST}\n- p@ss$word#1\n- \"x\\ny\"\n";
    let output = run(&dir, &["expand", "--env-file", "host.env", "in.yaml"], b"");
    assert_eq!((text(&output.stdout), text(&output.stderr)), (expected, ""));

    let variables = fs::read(dir.path().join("host.env")).unwrap();
    let output = run(&dir, &["expand", "--env-file", "-", "in.yaml"], &variables);
    assert_eq!((text(&output.stdout), text(&output.stderr)), (expected, ""));

    let output = run(&dir, &["expand", "--env-file", "-", "in.yaml"], b"A=1\nB");
    assert_eq!(text(&output.stderr), "error: <stdin>: line 2 is not NAME=VALUE\n");

    for args in [
        ["--env-file", "-", "-"],
        ["--env-file=-", "--env-file=-", "in.yaml"],
        ["--env-file=host.env", "-", "-"],
    ] {
        let output = run(&dir, &[&["check"], &args[..]].concat(), b"");
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stderr), "error: standard input can be read only once: name it once\n");
    }
}

// ---- An untrusted directory ----

#[cfg(unix)]
mod directory {
    use super::*;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    fn fifo(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn links_that_lead_out_and_special_files_are_skipped_with_a_warning() {
        let dir =
            dir_with(&[("tpl/a.yaml", "a: $A\n"), ("host.yaml", "h: $A\n"), ("host/h.yaml", "h: $A\n")]);
        let tpl = dir.path().join("tpl");
        symlink("../host.yaml", tpl.join("b.yaml")).unwrap();
        symlink("../host", tpl.join("c")).unwrap();
        symlink("/dev/zero", tpl.join("d.yaml")).unwrap();
        fifo(&tpl.join("e.yaml"));
        symlink("e.yaml", tpl.join("f.yaml")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(tpl.join("g.yml")).unwrap();
        fifo(&tpl.join("no template"));
        symlink("../nowhere", tpl.join("no template either")).unwrap();
        let left_out = "warning: tpl/b.yaml: skipped: a link that leads out of tpl\n\
            warning: tpl/c: skipped: a link that leads out of tpl\n\
            warning: tpl/d.yaml: skipped: a link that leads out of tpl\n\
            warning: tpl/e.yaml: skipped: not a file but a device, a pipe or a socket\n\
            warning: tpl/f.yaml: skipped: not a file but a device, a pipe or a socket\n\
            warning: tpl/g.yml: skipped: not a file but a device, a pipe or a socket\n";

        let output = run(&dir, &["expand", "--set=A=1", "tpl"], b"");
        assert_eq!((text(&output.stdout), text(&output.stderr)), ("a: 1\n", left_out));
        let output = run(&dir, &["list", "--names", "tpl"], b"");
        assert_eq!((text(&output.stdout), text(&output.stderr)), ("A\n", left_out));
        let output = run(&dir, &["check", "--set=A=1", "tpl"], b"");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), left_out));
        let output = run(&dir, &["expand", "--set=A=1", "--in-place", "tpl"], b"");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), left_out));

        assert_eq!(fs::read_to_string(tpl.join("a.yaml")).unwrap(), "a: 1\n");
        assert_eq!(fs::read_to_string(dir.path().join("host.yaml")).unwrap(), "h: $A\n");
        assert_eq!(fs::read_to_string(dir.path().join("host/h.yaml")).unwrap(), "h: $A\n");
        assert!(tpl.join("b.yaml").is_symlink());
    }

    #[test]
    fn special_files_are_rejected_by_name_too() {
        let dir = dir_with(&[("host.yaml", "h: $A\n")]);
        fifo(&dir.path().join("fifo.yaml"));
        symlink("/dev/zero", dir.path().join("zero.yaml")).unwrap();
        for name in ["fifo.yaml", "zero.yaml", "/dev/zero"] {
            for args in [
                &["check", name][..],
                &["list", name],
                &["expand", name],
                &["check", "--env-file", name, "host.yaml"],
            ] {
                let output = run(&dir, args, b"");
                let message = format!(
                    "error: {name}: not a file but a device, a pipe or a socket; pass it on standard input\n"
                );
                assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), &*message), "{args:?}");
            }
        }
    }

    #[test]
    fn pipes_that_the_shell_opened_are_read() {
        let dir = dir_with(&[]);
        let script = format!(
            "'{EXE}' expand --env-file <(echo A=1) <(echo 'a: $A') && '{EXE}' list --names /dev/stdin <<< 'b: $B'"
        );
        let output = Command::new("bash").args(["-c", &script]).current_dir(&dir).output().unwrap();
        assert_eq!((text(&output.stdout), text(&output.stderr)), ("a: 1\nB\n", ""));
    }

    #[test]
    fn links_within_a_directory_are_followed() {
        let dir =
            dir_with(&[("in/a.yaml", "a: $A\n"), ("in/sub/b.yaml", "b: 1\n"), ("in/.v1/c.yaml", "c: $A\n")]);
        symlink("..", dir.path().join("in/sub/loop")).unwrap();
        symlink("../a.yaml", dir.path().join("in/sub/link.yaml")).unwrap();
        // As Kubernetes mounts a ConfigMap.
        symlink(".v1", dir.path().join("in/..data")).unwrap();
        symlink("..data/c.yaml", dir.path().join("in/c.yaml")).unwrap();
        symlink("in", dir.path().join("to-in")).unwrap();
        for name in ["in", "to-in", "./to-in/"] {
            let output = run(&dir, &["check", name], b"");
            assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), ""));
            let found: Vec<_> =
                text(&output.stdout).lines().filter(|line| line.contains("unresolved")).collect();
            let name = name.trim_end_matches('/');
            let expected = ["a.yaml:1:4", "c.yaml:1:4", "sub/link.yaml:1:4"];
            let expected = expected.map(|it| format!("{name}/{it}: unresolved reference $A: unset (add --allow-env A to take it from the process)"));
            assert_eq!(found, expected);
        }
        // The link stays a link, and its target is written once.
        let output = run(&dir, &["expand", "--set=A=1", "--in-place", "in"], b"");
        assert!(output.status.success());
        assert!(dir.path().join("in/sub/link.yaml").is_symlink());
        assert_eq!(fs::read_to_string(dir.path().join("in/a.yaml")).unwrap(), "a: 1\n");
        assert_eq!(names_in(&dir.path().join("in")), ["..data", ".v1", "a.yaml", "c.yaml", "sub"]);
    }

    #[test]
    fn names_are_harmless_to_a_terminal() {
        let dir = dir_with(&[("tpl/good.yaml", "a: $A\n")]);
        let nasty = "\u{1b}]0;owned\u{7}\u{202e}lmay.\u{2066}\n\u{9b}x";
        let tpl = dir.path().join("tpl");
        fs::write(tpl.join(format!("{nasty}.yaml")), "a: $A\nb: ${X:-d}\n").unwrap();
        fs::write(tpl.join(format!("broken {nasty}.yaml")), "a: [$A\n").unwrap();
        fs::write(tpl.join(format!("bytes {nasty}.yaml")), b"\xFF").unwrap();
        fs::write(tpl.join(OsStr::from_bytes(b"\xFFnot unicode\x1b.yaml")), "a: $A\n").unwrap();
        fs::write(dir.path().join(format!("{nasty}.env")), "x").unwrap();
        symlink("nowhere", tpl.join(format!("dangling {nasty}.yaml"))).unwrap();
        symlink("/dev/zero", tpl.join(format!("zero {nasty}.yaml"))).unwrap();
        let named = format!("tpl/{nasty}.yaml");
        let missing = format!("{nasty}/missing");
        let variables = format!("{nasty}.env");
        let option = format!("--{nasty}");
        let cases: [&[&str]; 17] = [
            &["check", "tpl"],
            &["check", "--format=json", "tpl"],
            &["list", "tpl"],
            &["list", "--format=json", "tpl"],
            &["list", "--names", "tpl"],
            &["expand", "tpl"],
            &["expand", "--unset=reject", &named],
            &["check", &missing],
            &["check", "--env-file", &variables, &named],
            &["expand", "-o", &missing, &named],
            &["expand", "--set=A=1", "-o", &named, &named],
            &["expand", "-o", "out", &named, &named],
            &["list", "--only", &format!("{nasty}..x"), &named],
            &["list", "--only", nasty, &named],
            &["list", "--set", nasty, &named],
            &["check", "--allow-env", nasty, &named],
            &["check", &option],
        ];
        for args in cases {
            let output = run(&dir, args, b"");
            for shown in [text(&output.stdout), text(&output.stderr)] {
                let acts = shown.find(|c: char| {
                    (c.is_control() && c != '\n')
                        || ('\u{202a}'..='\u{202e}').contains(&c)
                        || ('\u{2066}'..='\u{2069}').contains(&c)
                });
                assert_eq!(acts, None, "{args:?}: {shown:?}");
            }
            assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{args:?}");
        }
        // JSON has the name unescaped.
        let output = run(&dir, &["list", "--format=json", &named], b"");
        let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(listed[0]["file"], named);
    }

    #[test]
    fn one_bad_entry_does_not_fail_the_rest() {
        let dir = dir_with(&[("in/a.yaml", "a: $A\n"), ("in/b.yaml", "b: [$A\n"), ("in/z.yaml", "z: $Z\n")]);
        fs::write(dir.path().join("in/bytes.yaml"), b"a: \xFF$A\n").unwrap();
        symlink("nowhere", dir.path().join("in/gone.yaml")).unwrap();
        let errors = "error: in/gone.yaml: a broken link: No such file or directory (os error 2)\n\
            error: in/bytes.yaml: not UTF-8 at byte 3\n";
        let output = run(&dir, &["check", "in"], b"");
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stderr), errors);
        let places: Vec<_> = text(&output.stdout).lines().filter(|line| line.starts_with("in/")).collect();
        assert_eq!(places.len(), 3, "{places:?}");
        assert!(places[0].starts_with("in/a.yaml:1:4: unresolved reference $A"));
        assert!(places[1].starts_with("in/b.yaml:1:4: invalid YAML: "), "{places:?}");
        assert!(places[2].starts_with("in/z.yaml:1:4: unresolved reference $Z"));

        for format in ["--format=text", "--format=json"] {
            let output = run(&dir, &["list", format, "in"], b"");
            assert_eq!(output.status.code(), Some(2));
            let (problem, rest) = text(&output.stderr).split_once('\n').unwrap();
            assert!(problem.starts_with("in/b.yaml:1:4: invalid YAML: "), "{problem}");
            assert!(rest.ends_with(errors), "{rest}");
            assert!(text(&output.stdout).contains("in/a.yaml") && text(&output.stdout).contains("in/z.yaml"));
        }
        // Nothing is expanded unless everything is.
        let output = run(&dir, &["expand", "in"], b"");
        assert_eq!((output.status.code(), text(&output.stdout), text(&output.stderr)), (Some(2), "", errors));
    }
}

#[test]
fn what_search_tools_skip_is_skipped() {
    let dir = dir_with(&[
        ("in/a.yaml", "$A"),
        ("in/b.YAML", "$B"),
        ("in/c.Yml", "$C"),
        ("in/.hidden.yaml", "$NO"),
        ("in/.git/x.yaml", "$NO"),
        ("in/node_modules/x/x.yaml", "$NO"),
        ("in/sub/node_modules/x.yaml", "$NO"),
        ("in/.gitignore", "*"),
        ("in/x.json", "$NO"),
        ("in/yaml", "$NO"),
        ("in/d.yaml/e.yml", "$E"),
    ]);
    let output = run(&dir, &["list", "--names", "in"], b"");
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("A\nB\nC\nE\n", ""));
    // Unless they are named.
    for name in ["in/.git", "in/node_modules", "in/.hidden.yaml", "in/x.json"] {
        assert_eq!(text(&run(&dir, &["list", "--names", name], b"").stdout), "NO\n", "{name}");
    }
}

#[test]
fn a_directory_without_a_template_is_an_error() {
    let dir = dir_with(&[("empty/.hidden/a.yaml", "$A"), ("full/a.yaml", "$A")]);
    let message =
        "error: empty: no .yaml or .yml file below it (hidden files and node_modules are skipped)\n";
    for (args, stdout) in [
        (
            ["check", "full", "empty"],
            "full/a.yaml:1:1: unresolved reference $A: unset (add --allow-env A to take it from the process)\n1 | $A\n  | ^^\n",
        ),
        (["list", "full", "empty"], "A\n  full/a.yaml:1:1: \n"),
        (["expand", "full", "empty"], ""),
    ] {
        let output = run(&dir, &args, b"");
        assert_eq!(
            (output.status.code(), text(&output.stdout), text(&output.stderr)),
            (Some(2), stdout, message)
        );
    }
}

// ---- What is written ----

#[test]
fn nothing_is_written_unless_everything_can_be() {
    let dir = dir_with(&[("in/a.yaml", "a: $A\n"), ("in/b.yaml", "b: [$A\n")]);
    for args in [&["-o", "out", "in"][..], &["--in-place", "in"], &["in"]] {
        let output = run(&dir, &[&["expand", "--set", "A=1"], args].concat(), b"");
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(text(&output.stderr).starts_with("in/b.yaml:"), "{}", text(&output.stderr));
    }
    assert!(!dir.path().join("out").exists());
    assert_eq!(fs::read_to_string(dir.path().join("in/a.yaml")).unwrap(), "a: $A\n");
}

#[test]
fn an_impossible_output_is_an_error_and_nothing_is_written() {
    let dir = dir_with(&[
        ("in.yaml", "a: $A\n"),
        ("1/a.yaml", "a: $A\n"),
        ("2/a.yaml", "a: $A\n"),
        ("full/in.yaml/x", ""),
    ]);
    let cases: [(&[&str], &str); 8] = [
        (
            &["--in-place", "-"],
            "error: --in-place needs files, and standard input is not one: use --output\n",
        ),
        (&["--in-place"], "error: --in-place needs files, and standard input is not one: use --output\n"),
        (
            &["-o", "out/"],
            "error: --output is a directory, and standard input has no file name: name a file\n",
        ),
        (&["-o", "out", "in.yaml", "in.yaml"], "error: two inputs would be written to out/in.yaml\n"),
        (&["-o", "out", "1", "2"], "error: two inputs would be written to out/a.yaml\n"),
        (&["-o", "full", "in.yaml"], "error: full/in.yaml: "),
        (&["-o", "in.yaml/out", "1/a.yaml"], "error: in.yaml/out: "),
        (
            &["-o", "in.yaml", "--in-place", "in.yaml"],
            "error: the argument '--output <PATH>' cannot be used with",
        ),
    ];
    for (args, message) in cases {
        let output = run(&dir, &[&["expand", "--set=A=1"], args].concat(), b"a: $A\n");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).starts_with(message), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && !dir.path().join("out").exists(), "{args:?}");
    }
    assert_eq!(names_in(&dir.path().join("full")), ["in.yaml"]);
    assert_eq!(names_in(&dir.path().join("full/in.yaml")), ["x"]);
    assert_eq!(names_in(dir.path()), ["1", "2", "full", "in.yaml"]);
    assert_eq!(fs::read_to_string(dir.path().join("in.yaml")).unwrap(), "a: $A\n");
}

#[test]
fn every_other_byte_stays() {
    let dir = dir_with(&[]);
    let template = "\u{FEFF}# \u{202e}\r\na: \t$A \r\n\n\nb: \u{e9} # $A";
    let output = run(&dir, &["expand", "--set=A=1"], template.as_bytes());
    assert_eq!(text(&output.stdout), template.replace("\t$A", "\t1"));
    // A template that cannot hold a reference is not parsed.
    let output = run(&dir, &["expand"], b"\x1b]0;no YAML: [$");
    assert_eq!(output.stdout, b"\x1b]0;no YAML: [$");
}

#[test]
fn if_one_file_cannot_be_written_none_is() {
    let dir = dir_with(&[
        ("in/a.yaml", "a: $A\n"),
        ("in/b.yaml", "b: $A\n"),
        ("in/c/d.yaml", "d: $A\n"),
        ("out/a.yaml", "old\n"),
        ("out/c", "no directory\n"),
    ]);
    let output = run(&dir, &["expand", "--set=A=1", "-o", "out", "in"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: out/c/d.yaml: "), "{}", text(&output.stderr));
    assert_eq!(names_in(&dir.path().join("out")), ["a.yaml", "c"]);
    assert_eq!(fs::read_to_string(dir.path().join("out/a.yaml")).unwrap(), "old\n");
}

#[test]
fn an_output_is_standard_output_a_directory_or_a_file() {
    let dir = dir_with(&[("in.yaml", "a: $A\n"), ("more.yaml", "b: $A\n"), ("there/x", "")]);
    let expand = |args: &[&str]| {
        let output = run(&dir, &[&["expand", "--set=A=1"], args].concat(), b"a: $A\n");
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let read = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap();
    assert_eq!(expand(&["-o", "-", "in.yaml"]), "a: 1\n");
    assert!(!dir.path().join("-").exists());
    assert_eq!(expand(&["-o", "./-", "in.yaml"]), "");
    assert_eq!(read("-"), "a: 1\n");
    assert_eq!(expand(&["-o", "new/", "in.yaml"]), "");
    assert_eq!(read("new/in.yaml"), "a: 1\n");
    assert_eq!(expand(&["-o", "there", "in.yaml", "more.yaml"]), "");
    assert_eq!((read("there/in.yaml"), read("there/more.yaml")), ("a: 1\n".to_owned(), "b: 1\n".to_owned()));
    assert_eq!(expand(&["-o", "deep/er/file"]), "");
    assert_eq!(read("deep/er/file"), "a: 1\n");
}

#[test]
fn several_streams_on_standard_output_are_their_documents() {
    let dir = dir_with(&[
        ("1.yaml", "a: $A"),
        ("2.yaml", "--- $A\n"),
        ("3.yaml", "# licence\n%YAML 1.2\n---\nc: $A\n"),
        ("4.yaml", ""),
        ("5.yaml", "---x: $A\n"),
        ("6.yaml", "# licence\n---\nf: $A\n"),
        ("7.yaml", "# no document\n"),
        ("8.yaml", "g: $A\n"),
    ]);
    let output = run(&dir, &["expand", "--set", "A=1", "."], b"");
    let joined = "a: 1\n--- 1\n...\n# licence\n%YAML 1.2\n---\nc: 1\n---\n---x: 1\n...\n# licence\n---\nf: 1\n...\n# no document\n---\ng: 1\n";
    assert_eq!(text(&output.stdout), joined);
    let documents = yaml_serde::Deserializer::from_str(joined);
    let documents: Vec<yaml_serde::Value> =
        documents.map(|it| serde::Deserialize::deserialize(it).unwrap()).collect();
    assert_eq!(documents.len(), 6);

    // A template without references is parsed where it becomes a part of a stream.
    fs::write(dir.path().join("5.yaml"), "e: [\n").unwrap();
    let output = run(&dir, &["expand", "--set", "A=1", "."], b"");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""));
    assert!(text(&output.stderr).contains("./5.yaml"), "{}", text(&output.stderr));
}

#[test]
fn an_output_that_outgrows_its_limit_fails_before_memory_is_taken() {
    let dir = dir_with(&[]);
    let template = "- $A\n".repeat(100_000);
    let value = "x".repeat(100_000);
    fs::write(dir.path().join("in.env"), format!("A={value}\n")).unwrap();
    fs::write(dir.path().join("in.yaml"), &template).unwrap();
    let output = run(&dir, &["expand", "--env-file=in.env", "in.yaml"], b"");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""));
    let line = 64 * 1024 * 1024 / 100_000 + 1;
    let shown = text(&output.stderr).lines().next().unwrap();
    assert!(
        shown.starts_with("in.yaml:") && shown.contains(" --output-limit ") && shown.ends_with("with $A"),
        "{shown}"
    );
    let reported: u64 = shown.split(':').nth(1).unwrap().parse().unwrap();
    assert!((line - 10..=line + 10).contains(&reported), "{shown}");

    let output = run(&dir, &["expand", "--set=A=123", "--output-limit=6"], b"- $A\n- $A\n- $A\n");
    assert_eq!(output.status.code(), Some(1));
    let output = run(&dir, &["expand", "--set=A=123", "--output-limit=100"], b"- $A\n- $A\n- $A\n");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "- 123\n- 123\n- 123\n"));
    // All templates count together.
    fs::write(dir.path().join("other.yaml"), "- $A\n").unwrap();
    let expand = |limit| run(&dir, &["expand", "--set=A=123456789", limit, "other.yaml", "-"], b"- $A\n");
    assert_eq!(expand("--output-limit=16").status.code(), Some(0));
    let output = expand("--output-limit=15");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("<stdin>:1:3: "), "{}", text(&output.stderr));

    let output = run(&dir, &["expand", "--set=A=123", "--output-limit=much"], b"- $A\n");
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(unix)]
mod files {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    /// Runs the command without a umask: files are open unless the command closes them.
    fn run_open(dir: &TempDir, args: &str) -> Output {
        let script = format!("umask 0; '{EXE}' {args}");
        Command::new("sh").args(["-c", &script]).current_dir(dir).output().unwrap()
    }

    #[test]
    fn a_new_file_with_values_is_private() {
        let dir = dir_with(&[("in.yaml", "a: $A\n"), ("plain.yaml", "a: 1\n")]);
        assert!(run_open(&dir, "expand --set A=1 -o out/ in.yaml plain.yaml").status.success());
        assert_eq!(mode(&dir.path().join("out/in.yaml")), 0o600);
        assert_eq!(mode(&dir.path().join("out/plain.yaml")), 0o666, "as the umask has it");
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions_and_owner() {
        let dir = dir_with(&[("a.yaml", "a: $A\n"), ("b.yaml", "a: $A\n"), ("c.yaml", "a: $A\n")]);
        let paths = ["a.yaml", "b.yaml", "c.yaml"].map(|name| dir.path().join(name));
        for (path, mode) in paths.iter().zip([0o640, 0o444, 0o755]) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        // Only root can change an owner; for others this has no effect.
        let is_root = std::os::unix::fs::chown(&paths[0], Some(1), Some(2)).is_ok();
        let before = paths.each_ref().map(|path| fs::metadata(path).unwrap());
        let output = run_open(&dir, "expand --set A=1 --in-place .");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
        for (path, before) in paths.iter().zip(&before) {
            let after = fs::metadata(path).unwrap();
            assert_eq!(fs::read_to_string(path).unwrap(), "a: 1\n");
            assert_ne!(after.ino(), before.ino());
            assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        }
        assert_eq!(before[0].uid() == 1, is_root);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn lost_metadata_is_reported_and_opens_no_access() {
        let dir = dir_with(&[("d/a.yaml", "a: $A\n")]);
        let path = dir.path().join("d/a.yaml");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir.path().join("d"), fs::Permissions::from_mode(0o777)).unwrap();
        if std::os::unix::fs::chown(&path, Some(0), Some(7)).is_err() {
            // Only root can create a file of another owner, and run as another user.
            return;
        }
        let program = dir.path().join("envref");
        fs::copy(EXE, &program).unwrap();
        let output = Command::new("setpriv")
            .args(["--reuid=1", "--regid=2", "--clear-groups"])
            .arg(&program)
            .args(["expand", "--set=A=1", "--in-place", "d/a.yaml"])
            .current_dir(&dir)
            .output()
            .unwrap();
        assert_eq!(
            text(&output.stderr),
            "warning: d/a.yaml: it loses its group\nwarning: d/a.yaml: it loses its owner\n"
        );
        let after = fs::metadata(&path).unwrap();
        // The new group has only the permissions that everybody has.
        assert_eq!((after.uid(), after.gid(), after.mode() & 0o7777), (1, 2, 0o644));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 1\n");
    }

    #[test]
    fn an_unchanged_file_is_not_rewritten() {
        let dir = dir_with(&[
            ("a.yaml", "a: $A\n"),
            ("b.yaml", "b: 1\n"),
            ("c.yaml", "c: ${C}/x\n"),
            ("out.yaml", "a: 1\n"),
        ]);
        let inode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().ino();
        let before = ["a.yaml", "b.yaml", "c.yaml", "out.yaml"].map(inode);
        assert!(run(&dir, &["expand", "--set=A=1", "-o", "out.yaml", "a.yaml"], b"").status.success());
        assert!(run(&dir, &["expand", "--set=A=1", "--in-place", "."], b"").status.success());
        let after = ["a.yaml", "b.yaml", "c.yaml", "out.yaml"].map(inode);
        assert_ne!(after[0], before[0]);
        assert_eq!(after[1..], before[1..]);
    }

    #[test]
    fn a_lost_hard_link_is_reported() {
        let dir = dir_with(&[("a.yaml", "a: $A\n")]);
        fs::hard_link(dir.path().join("a.yaml"), dir.path().join("other")).unwrap();
        let output = run(&dir, &["expand", "--set=A=1", "--in-place", "a.yaml"], b"");
        assert_eq!(text(&output.stderr), "warning: a.yaml: its other hard links keep the old content\n");
        assert_eq!(fs::read_to_string(dir.path().join("other")).unwrap(), "a: $A\n");
        assert_eq!(fs::read_to_string(dir.path().join("a.yaml")).unwrap(), "a: 1\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn attributes_and_access_control_lists_are_kept() {
        // Beside the tests: the directory for temporary files may not support attributes.
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = dir.path().join("a.yaml");
        fs::write(&path, "a: $A\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        xattr::set(&path, "user.note", b"kept").unwrap();
        // Version 2; the owner reads and writes, user 1 reads, the group nothing, all of them at most read, others nothing.
        let entries: [(u16, u16, u32); 5] =
            [(1, 6, u32::MAX), (2, 4, 1), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
        let mut list = 2u32.to_le_bytes().to_vec();
        for (tag, may, id) in entries {
            list.extend([&tag.to_le_bytes()[..], &may.to_le_bytes(), &id.to_le_bytes()].concat());
        }
        xattr::set(&path, "system.posix_acl_access", &list).unwrap();
        let before = mode(&path);
        let output = run(&dir, &["expand", "--set=A=1", "--in-place", "a.yaml"], b"");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 1\n");
        assert_eq!(xattr::get(&path, "user.note").unwrap().as_deref(), Some(&b"kept"[..]));
        assert_eq!(xattr::get(&path, "system.posix_acl_access").unwrap().as_deref(), Some(&*list));
        assert_eq!(mode(&path), before);

        // A replaced file does not get the access control list that its directory gives to new files: it would open a
        // secret to user 1.
        let plain = dir.path().join("plain.yaml");
        fs::write(&plain, "a: $A\n").unwrap();
        fs::set_permissions(&plain, fs::Permissions::from_mode(0o640)).unwrap();
        xattr::set(dir.path(), "system.posix_acl_default", &list).unwrap();
        assert!(run(&dir, &["expand", "--set=A=1", "--in-place", "plain.yaml"], b"").status.success());
        assert_eq!(fs::read_to_string(&plain).unwrap(), "a: 1\n");
        assert_eq!(xattr::get(&plain, "system.posix_acl_access").unwrap(), None);
        assert_eq!(mode(&plain), 0o640);
    }

    /// Starts a run that has staged `a.yaml`, and waits for a reader of `b.yaml`, a pipe.
    fn halfway(dir: &TempDir) -> (std::process::Child, std::path::PathBuf) {
        let out = dir.path().join("out");
        fs::create_dir(&out).unwrap();
        assert!(Command::new("mkfifo").arg(out.join("b.yaml")).status().unwrap().success());
        let script = format!("umask 0; exec '{EXE}' expand --set A=1 -o out in");
        let mut child = Command::new("sh").args(["-c", &script]).current_dir(dir).spawn().unwrap();
        loop {
            assert!(child.try_wait().unwrap().is_none(), "it waits for a reader");
            let temporary = names_in(&out).into_iter().find(|name| name.starts_with(".envref-"));
            match temporary.map(|name| out.join(name)) {
                Some(path) if fs::metadata(&path).unwrap().len() > 0 => return (child, path),
                _ => std::thread::yield_now(),
            }
        }
    }

    #[test]
    fn a_file_is_closed_before_it_has_its_name() {
        let dir = dir_with(&[("in/a.yaml", "a: $A\n"), ("in/b.yaml", "b: $A\n")]);
        let (mut child, temporary) = halfway(&dir);
        assert_eq!(mode(&temporary), 0o600);
        let out = dir.path().join("out");
        assert_eq!(fs::read_to_string(out.join("b.yaml")).unwrap(), "b: 1\n");
        assert!(child.wait().unwrap().success());
        assert_eq!(names_in(&out), ["a.yaml", "b.yaml"]);
        assert_eq!(mode(&out.join("a.yaml")), 0o600);
    }

    #[test]
    fn a_signal_leaves_no_file_behind() {
        use std::os::unix::process::ExitStatusExt as _;
        for (name, number) in [("HUP", 1), ("INT", 2), ("TERM", 15), ("XCPU", 24)] {
            let dir = dir_with(&[("in/a.yaml", "a: $A\n"), ("in/b.yaml", "b: $A\n")]);
            let (mut child, _) = halfway(&dir);
            let kill = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
            assert!(kill.success());
            assert_eq!(child.wait().unwrap().signal(), Some(number), "{name}");
            assert_eq!(names_in(&dir.path().join("out")), ["b.yaml"], "{name}");
        }
    }
}

// ---- Habits ----

#[test]
fn a_closed_pipe_is_not_an_error() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("in.yaml"), "- $A\n".repeat(50_000)).unwrap();
    for (args, status) in [
        (&["check", "in.yaml"][..], 1),
        (&["check", "--format=json", "in.yaml"], 1),
        (&["check", "--set=A=1", "in.yaml"], 0),
        (&["list", "--format=json", "in.yaml"], 0),
        (&["list", "--names", "in.yaml"], 0),
        (&["expand", "--set=A=1", "in.yaml"], 0),
        (&["man"], 0),
    ] {
        let mut child = Command::new(EXE)
            .args(args)
            .current_dir(&dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(text(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(status), "{args:?}");
    }
}

#[test]
fn problems_are_reported_as_soon_as_a_template_is_read() {
    use std::io::{BufRead as _, BufReader};
    let dir = dir_with(&[("in.yaml", "- $A\n")]);
    for (format, lines) in [("--format=text", 3), ("--format=json", 2)] {
        let mut child = Command::new(EXE)
            .args(["check", format, "in.yaml", "-"])
            .current_dir(&dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reported = BufReader::new(child.stdout.take().unwrap()).lines();
        // The other template is not there yet.
        for _ in 0..lines {
            reported.next().unwrap().unwrap();
        }
        child.stdin.take().unwrap().write_all(b"- $B\n").unwrap();
        assert!(reported.map(Result::unwrap).any(|line| line.contains("<stdin>")));
        assert_eq!(child.wait().unwrap().code(), Some(1));
    }
}

#[test]
fn quiet_prints_no_warnings() {
    let dir = dir_with(&[("in.yaml", "a: $A\n"), ("empty/x", "")]);
    let output = run(&dir, &["-q", "expand", "in.yaml"], b"");
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("a: \"\"\n", ""));
    let output = run(&dir, &["check", "--quiet", "--set=NONE", "in.yaml"], b"");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), ""));
    assert!(text(&output.stdout).starts_with("in.yaml:1:4: unresolved reference $A"));
    // An error is not a warning.
    let output = run(&dir, &["check", "--quiet", "empty"], b"");
    assert!(text(&output.stderr).starts_with("error: empty: "));
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_is_told_what_the_command_waits_for() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let dir = dir_with(&[("in.yaml", "- $A\n")]);
    for (args, typed, note) in [
        (&["expand", "--set=A=1"][..], "- $A\n\u{4}", "a template"),
        (&["expand", "--env-file=-", "in.yaml"], "A=1\n\u{4}", "variables"),
    ] {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let stdin = fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
        fs::File::from(terminal.try_clone().unwrap()).write_all(typed.as_bytes()).unwrap();
        let output = Command::new(EXE).args(args).current_dir(&dir).stdin(stdin).output().unwrap();
        assert_eq!(text(&output.stdout), "- 1\n");
        assert_eq!(
            text(&output.stderr),
            format!("note: reading {note} from this terminal; Ctrl-D on a line of its own ends it\n")
        );
    }
}

#[test]
fn the_manual_pages_are_those_of_the_help() {
    let dir = dir_with(&[]);
    let page = |args: &[&str]| {
        let output = run(&dir, &[&["man"], args].concat(), b"");
        assert!(output.status.success());
        text(&output.stdout).to_owned()
    };
    assert!(page(&[]).contains("envref\\-expand(1)"));
    for (subcommand, option) in [("expand", "output\\-limit"), ("check", "allow\\-env"), ("list", "names")] {
        let page = page(&[subcommand]);
        assert!(page.contains(&format!(".TH envref-{subcommand} 1")), "{page}");
        assert!(page.contains(&format!("\\-\\-{option}")), "{page}");
    }
    let output = run(&dir, &["man", "nothing"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "error: man: there is no subcommand `nothing`\n");
}
