//! Secrets: they restart what needs them, and show up nowhere.

use std::process::{Command, Stdio};

use envref_host::secret::{Secret, withhold_panics};
use envref_host::tasks::Tasks;
use envref_host::template::read;
use std::io::Read as _;
use tempfile::TempDir;

use crate::fixture::{Fifo, Fixture, PROGRAM, organisation, request, starts};
use crate::shutdown::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_secret_restarts_the_workspace_after_the_write() {
    let fixture = Fixture::new();
    let fifo = Fifo::new(&fixture.dir, "fifo");
    let rest = format!("channels: [{{kind: x, config: {{token: $TOKEN}}}}, {}]", fifo.channel());
    let workspaces = [("w", rest.as_str())];
    let (imported, ()) = futures_util::join!(fixture.import(&workspaces), fifo.pass());
    assert_eq!(
        imported[0].status.notes,
        ["channel x left out: $TOKEN neither a variable nor an allowed environment variable"]
    );

    let workspace = fixture.workspace("w");
    let number = workspace.change(|spec| spec.set("TOKEN".into(), Secret::new("n3w")));
    let held = fifo.reached().await;
    // The runtime is about to start, and the store has the value already.
    let wanted = fixture.host.store().wanted().unwrap();
    assert!(serde_json::to_string(&wanted[0].1).unwrap().contains("n3w"));
    held.release().await;
    let status = workspace.settled(number).await.unwrap();
    assert_eq!((status.failure, status.notes), (None, vec![]));
    assert_eq!(fixture.starts("w").last().unwrap().channel()["token"], "n3w");
    assert_eq!(fixture.end().await, 1);
}

#[test]
fn a_secret_has_no_debug_output() {
    assert_eq!(format!("{:?}", Secret::new("s3cret")), "[secret]");
    assert_ne!(Secret::mint().expose(), Secret::mint().expose());
    let template = "name: n\ndefaults: {model: s3cret}\n";
    assert!(!read(template).err().unwrap().to_string().contains("s3cret"));
}

/// Everything that the host writes for people to read: its log at its most talkative, what it prints, and its answers.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_log_and_in_no_answer() {
    let canary = "c4n4ry";
    let dir = TempDir::new().unwrap();
    let rest = [
        // From the process, and from the secrets; whole and embedded.
        "channels: [{kind: a, config: {a: $SLACK_APP_TOKEN}}, {kind: b, config: {b: \"v0=$SECRET\", c: \"x $UNSET\"}}]",
        // Where more is made of it than fits.
        "channels: [{kind: a, config: {a: \"$SECRET$SECRET$SECRET$SECRET$SECRET\"}}]",
    ];
    let mut template = organisation(&[("one", rest[0]), ("three", rest[1])]);
    // Where a directory goes.
    template.push_str("  - {name: two, workspace_dir: $SECRET, channels: []}\n");
    let file = dir.path().join("org.yaml");
    std::fs::write(&file, &template).unwrap();

    let mut command = Command::new(PROGRAM);
    command.args(["--verbose", "--state"]).arg(dir.path().join("state")).arg(&file);
    command.env("SLACK_APP_TOKEN", canary).env("CANARY", canary).stderr(Stdio::piped());
    let mut program = Program::start(&mut command);
    let mut shown = vec![program.until("listening").await];

    let socket = dir.path().join("state/host.sock");
    let secret = canary.repeat(10_000);
    let broken = format!("{template}  - {{name: {canary}, channels: {canary}}}\n");
    for (method, path, body) in [
        ("GET", "/workspaces", ""),
        ("PUT", "/workspaces/one/secrets/SECRET", canary),
        ("PUT", "/workspaces/two/secrets/SECRET", canary),
        ("PUT", "/workspaces/two/secrets/SECRET", &format!("/{canary}")),
        ("PUT", "/workspaces/three/secrets/SECRET", &secret),
        ("PUT", "/workspaces/none/secrets/SECRET", canary),
        ("PUT", "/workspaces/one/secrets/no-name", canary),
        ("POST", "/workspaces/one/restart", ""),
        ("POST", "/workspaces/one/messages", "hello"),
        ("POST", "/import", &template),
        ("POST", "/import", &broken),
        ("GET", "/workspaces", ""),
    ] {
        let answer = request(&socket, method, path, body).await.unwrap();
        shown.push(format!("{method} {path} {} {}", answer.code, answer.body));
    }
    program.terminate();
    let mut log = program.child.stderr.take().unwrap();
    assert_eq!(
        program.end().await,
        (Some(0), "draining\ndrained: 2 runtimes stopped, 0 tasks left\n".to_owned())
    );
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    shown.push(text);

    let codes: Vec<_> = shown[1..13].iter().map(|line| line.split(' ').nth(2).unwrap()).collect();
    let expected = ["200", "200", "500", "500", "500", "404", "400", "200", "200", "200", "400", "200"];
    assert_eq!(codes, expected, "{shown:#?}");
    for text in &shown {
        assert!(!text.contains(canary), "{text}");
    }
    // It did arrive where it belongs, and nothing else of the host's environment did.
    let start = starts(&dir.path().join("state/workspaces/one")).pop().unwrap();
    assert_eq!(start.channel()["a"], canary);
    assert_eq!(start.environment, serde_json::json!({"WORKSPACE": "one"}));
}

#[test]
fn a_panic_shows_where_it_was_and_not_what_it_says() {
    let this = std::env::current_exe().unwrap();
    let arguments = ["--exact", "secrets::a_panic_with_a_secret", "--ignored", "--nocapture"];
    let output = Command::new(this).args(arguments).output().unwrap();
    let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("a panic (its message is withheld") && shown.contains("secrets.rs:"), "{shown}");
    assert!(shown.contains("a task panicked task=\"careless\""), "{shown}");
    assert!(!shown.contains("c4n4ry"), "{shown}");
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn a_panic_with_a_secret() {
    tracing_subscriber::fmt().with_ansi(false).init();
    withhold_panics();
    let tasks = Tasks::default();
    tasks.spawn("careless", async { panic!("the password is c4n4ry") });
    tasks.drain(std::time::Duration::from_secs(60)).await;
}
