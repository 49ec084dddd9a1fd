//! The command: what it prints, writes and returns. The cases are in `tests/cmd/` and in the README; what a shell
//! session cannot show is here.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const EXE: &str = env!("CARGO_BIN_EXE_envref");

#[test]
fn the_sessions_in_cmd_and_the_readme_are_as_written() {
    trycmd::TestCases::new()
        .register_bin("envref", Path::new(EXE))
        .case("tests/cmd/*.trycmd")
        .case("README.md");
}

/// Runs the command in `dir` with a clean environment.
fn run(dir: &TempDir, args: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(EXE)
        .args(args)
        .current_dir(dir)
        .env_clear()
        // Of use to nobody but who measures coverage.
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
fn the_process_environment_is_read_as_the_options_say() {
    let dir = dir_with(&[]);
    let template = b"whole: $ENVREF_HOST\npart: -$ENVREF_HOST\n";
    let cases: [(&[&str], &str); 5] = [
        (&[], "whole: from the process\npart: -$ENVREF_HOST\n"),
        (&["--allow-env", "ENVREF_HOST"], "whole: from the process\npart: -$ENVREF_HOST\n"),
        (&["--allow-env", "OTHER"], "whole: \"\"\npart: -$ENVREF_HOST\n"),
        (&["--no-env"], "whole: \"\"\npart: -$ENVREF_HOST\n"),
        (&["--no-env", "--set", "ENVREF_HOST=set"], "whole: set\npart: -set\n"),
    ];
    for (options, expected) in cases {
        let output = run(&dir, &[&["expand"], options].concat(), template);
        assert_eq!(text(&output.stdout), expected, "{options:?}");
        assert!(output.status.success());
    }
}

#[test]
fn no_secret_reaches_standard_error() {
    let dir = dir_with(&[("bad.env", "A=1\nthis line is a s3cret\n"), ("good.env", "TOKEN='s3cret: #'\n")]);
    let template = b"a: $TOKEN\nb: $MISSING\nc: -$TOKEN $MISSING\n";
    let cases: [&[&str]; 7] = [
        &["expand", "--env-file", "good.env"],
        &["expand", "--env-file", "good.env", "--strict"],
        &["check", "--env-file", "good.env"],
        &["check", "--env-file", "bad.env"],
        &["expand", "--set", "TOKEN s3cret"],
        &["expand", "--set", "1TOKEN=s3cret"],
        &["expand", "--set", "TOKEN=s3cret", "--output", "/nowhere/at/all"],
    ];
    for args in cases {
        let output = run(&dir, args, template);
        assert!(output.status.code() != Some(0) || !output.stderr.is_empty(), "{args:?}");
        assert!(!text(&output.stderr).contains("s3cret"), "{args:?}: {}", text(&output.stderr));
    }
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
    let output = run(&dir, &["expand", "--strict", "--no-env", "-o", "out/out.yaml", "in.yaml"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(dir.path().join("out/out.yaml")).unwrap(), "a: new\n");
}

#[test]
fn output_does_not_go_over_an_input_unless_asked_to() {
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
fn nothing_is_written_unless_everything_can_be() {
    let dir = dir_with(&[("in/a.yaml", "a: $A\n"), ("in/b.yaml", "b: [\n")]);
    for args in [&["-o", "out", "in"][..], &["--in-place", "in"], &["in"]] {
        let output = run(&dir, &[&["expand", "--set", "A=1"], args].concat(), b"");
        assert_eq!(output.status.code(), Some(0), "no reference, no parse: {}", text(&output.stderr));
    }
    fs::write(dir.path().join("in/a.yaml"), "a: $A\n").unwrap();
    fs::write(dir.path().join("in/b.yaml"), "b: [$A\n").unwrap();
    fs::remove_dir_all(dir.path().join("out")).unwrap();
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
fn an_output_that_cannot_be_is_an_error_and_nothing_is_written() {
    let dir = dir_with(&[
        ("in.yaml", "a: $A\n"),
        ("1/a.yaml", "a: $A\n"),
        ("2/a.yaml", "a: $A\n"),
        ("list.yaml", "- [$A\n"),
        ("full/in.yaml/x", ""),
    ]);
    let cases: [(&[&str], i32, &str); 6] = [
        (
            &["expand", "--set=A=1", "--in-place", "-"],
            2,
            "error: --in-place has no file to write standard input to\n",
        ),
        (
            &["expand", "--set=A=1", "-o", "out", "in.yaml", "in.yaml"],
            2,
            "error: --output takes one file or one directory",
        ),
        (
            &["expand", "--set=A=1", "-o", "out", "1", "2"],
            2,
            "error: two inputs would be written to out/a.yaml\n",
        ),
        (&["expand", "--set=A=1", "-o", "full/in.yaml", "in.yaml"], 2, "error: full/in.yaml: "),
        (&["expand", "--set=A=1", "-o", "in.yaml/out", "1/a.yaml"], 2, "error: in.yaml/out: "),
        (&["list", "list.yaml"], 1, "list.yaml:1:3: invalid YAML: "),
    ];
    for (args, status, message) in cases {
        let output = run(&dir, args, b"a: $A\n");
        assert_eq!(output.status.code(), Some(status), "{args:?}");
        assert!(text(&output.stderr).starts_with(message), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && !dir.path().join("out").exists(), "{args:?}");
    }
    assert_eq!(names_in(&dir.path().join("full")), ["in.yaml"]);
    assert_eq!(fs::read_to_string(dir.path().join("in.yaml")).unwrap(), "a: $A\n");
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
fn several_streams_on_standard_output_are_one() {
    let dir = dir_with(&[
        ("1.yaml", "a: $A"),
        ("2.yaml", "--- $A\n"),
        ("3.yaml", "%YAML 1.2\n---\nc: $A\n"),
        ("4.yaml", ""),
        ("5.yaml", "e: $A\n"),
    ]);
    let output = run(&dir, &["expand", "--set", "A=1", "."], b"");
    assert_eq!(text(&output.stdout), "a: 1\n--- 1\n...\n%YAML 1.2\n---\nc: 1\n---\n---\ne: 1\n");
}

#[test]
fn what_is_no_utf_8_is_said_with_its_place_and_the_others_are_checked() {
    let dir = dir_with(&[("good.yaml", "a: $A\n")]);
    fs::write(dir.path().join("bad.yaml"), b"a: \xFF$A\n").unwrap();
    let output = run(&dir, &["check", "--no-env", "bad.yaml", "good.yaml"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "error: bad.yaml: not UTF-8 at byte 3\n");
    assert!(text(&output.stdout).starts_with("good.yaml:1:4: unresolved reference $A: unset\n"));
}

#[cfg(unix)]
#[test]
fn a_loop_of_symbolic_links_is_said_and_the_others_are_checked() {
    let dir = dir_with(&[("in/a.yaml", "a: $A\n"), ("in/sub/b.yaml", "b: 1\n")]);
    std::os::unix::fs::symlink("..", dir.path().join("in/sub/loop")).unwrap();
    std::os::unix::fs::symlink("../a.yaml", dir.path().join("in/sub/link.yaml")).unwrap();
    let output = run(&dir, &["check", "--no-env", "in"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("loop"), "{}", text(&output.stderr));
    let found: Vec<_> = text(&output.stdout).lines().filter(|line| line.contains("unresolved")).collect();
    assert_eq!(
        found,
        [
            "in/a.yaml:1:4: unresolved reference $A: unset",
            "in/sub/link.yaml:1:4: unresolved reference $A: unset"
        ]
    );
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

    // A pipe, in a directory in which a file could not take its place.
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
#[cfg(unix)]
fn json_says_why_a_reference_has_no_value() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = dir_with(&[("in.yaml", "- $ENVREF_BROKEN\n- -$ENVREF_BROKEN\n- $ENVREF_UNSET\n")]);
    let check = |options: &[&str]| {
        let output = Command::new(EXE)
            .args(["check", "--format=json", "in.yaml"])
            .args(options)
            .current_dir(&dir)
            .env("ENVREF_BROKEN", std::ffi::OsStr::from_bytes(b"\xFF"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let problems: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let problems = problems.as_array().unwrap();
        problems.iter().map(|it| it["reason"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(check(&[]), ["not-unicode", "embedded", "unset"]);
    assert_eq!(check(&["--allow-env", "ENVREF_UNSET"]), ["not-allowed", "embedded", "unset"]);
    assert_eq!(check(&["--no-env"]), ["unset", "unset", "unset"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = TempDir::new().unwrap();
    let template = "- $A\n".repeat(50_000);
    fs::write(dir.path().join("in.yaml"), &template).unwrap();
    for args in [
        ["check", "--no-env", "in.yaml"],
        ["list", "--format=json", "in.yaml"],
        ["expand", "--set=A=1", "in.yaml"],
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
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[test]
fn colour_is_for_terminals_only_and_can_be_turned_off() {
    let dir = dir_with(&[("in.yaml", "a: $A\n")]);
    let check = |name: &str, value: &str| {
        Command::new(EXE)
            .args(["check", "--no-env", "in.yaml"])
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
    // Only what needs no parse, so that the tests are no slower for it than they have to be.
    template.replace_range(0.."- $A\n".len(), "- 5$\n");
    fs::write(dir.path().join("in.yaml"), &template).unwrap();
    let output = run(&dir, &["expand", "-o", "out.yaml", "in.yaml"], b"");
    assert!(output.status.success());
    assert!(fs::read_to_string(dir.path().join("out.yaml")).unwrap() == template);
}
