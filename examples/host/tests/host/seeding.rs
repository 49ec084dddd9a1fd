//! Seeding before the start, and what a failed one leaves.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use envref_host::seed::{Files, stage};
use tempfile::TempDir;

use crate::fixture::{Fixture, agent};

#[test]
fn an_agent_wants_its_configuration_at_once() {
    let dir = TempDir::new().unwrap();
    let status = agent(dir.path()).stdin(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(78));
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_files_win_over_those_of_the_template() {
    let rest = "channels: [], files: {config.json: '{}', skills/review.md: Read., HOUSE: $HOME}";
    let fixture = Fixture::online(rest).await;
    let current = fixture.workspace_dir("w").join(".host/current");
    assert_eq!(fs::read_to_string(current.join("skills/review.md")).unwrap(), "Read.");
    assert_eq!(fs::read_to_string(current.join("HOUSE")).unwrap(), "$HOME");
    assert_eq!(fixture.starts("w")[0].config["name"], "w");
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_where_a_directory_should_be_starts_nothing_and_the_next_request_works() {
    let fixture = Fixture::new();
    let dir = fixture.workspace_dir("w");
    fs::write(&dir, "in the way").unwrap();

    let imported = fixture.import(&[("w", "channels: []")]).await;
    let failure = imported[0].status.failure.clone().unwrap();
    assert_eq!(imported[0].name, "w");
    assert_eq!(failure, format!("cannot seed {}: File exists (os error 17)", dir.display()));
    assert_eq!(imported[0].status.pid, None);
    assert_eq!(fs::read_to_string(&dir).unwrap(), "in the way");

    fs::remove_file(&dir).unwrap();
    assert_eq!(fixture.restart("w").await.failure, None);
    assert_eq!(fixture.starts("w").len(), 1);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_no_half_made_directory() {
    let fixture = Fixture::new();
    let log = fixture.state().join("logs/w");
    symlink("/dev/full", &log).unwrap();

    let imported = fixture.import(&[("w", "channels: []")]).await;
    let failure = imported[0].status.failure.clone().unwrap();
    assert_eq!(failure, format!("cannot seed {}: No space left on device (os error 28)", log.display()));
    assert!(!fixture.workspace_dir("w").exists());

    fs::remove_file(&log).unwrap();
    assert_eq!(fixture.restart("w").await.failure, None);
    assert_eq!(fixture.starts("w").len(), 1);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_runtime_keeps_running_where_a_seeding_fails() {
    let fixture = Fixture::online("channels: []").await;
    let before = fixture.workspace("w").status();
    let log = fixture.state().join("logs/w");
    fs::remove_file(&log).unwrap();
    symlink("/dev/full", &log).unwrap();

    let status = fixture.restart("w").await;
    assert!(status.failure.unwrap().contains("No space left on device"));
    assert_eq!(status.pid, before.pid);
    assert_eq!(fixture.workspace("w").send("still there?".into()).await.unwrap(), "still there?");
    // The files of the failed seeding are gone.
    let host = fs::read_dir(fixture.workspace_dir("w").join(".host")).unwrap();
    assert_eq!(host.filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_dir()).count(), 1);

    fs::remove_file(&log).unwrap();
    let status = fixture.restart("w").await;
    assert_eq!(status.failure, None);
    assert_ne!(status.pid, before.pid);
    fixture.end().await;
}

#[test]
fn without_a_configuration_nothing_is_seeded() {
    let rows = [
        (vec![], "No such file or directory (os error 2)"),
        (vec![("config.json", "")], "the configuration is empty"),
        (vec![("config.json/x", "y")], "a directory stands where the configuration has to be"),
    ];
    for (generated, problem) in rows {
        let top = TempDir::new().unwrap();
        let dir = top.path().join("w");
        let generated = generated.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
        let error = stage("w", &dir, &top.path().join("log"), &Files::new(), &generated.collect());
        let error = error.unwrap_err().to_string();
        assert!(error.ends_with(&format!("/config.json: {problem}")), "{error}");
        assert!(!dir.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_in_the_place_of_the_configuration_starts_nothing() {
    let fixture = Fixture::new();
    let imported = fixture.import(&[("w", "channels: [], files: {config.json/x: y}")]).await;
    let failure = imported[0].status.failure.clone().unwrap();
    assert!(failure.ends_with("/config.json: Is a directory (os error 21)"), "{failure}");
    assert!(!fixture.workspace_dir("w").exists());
    assert_eq!(fixture.end().await, 0);
}

#[test]
fn files_stay_in_their_directory() {
    for path in ["../x", "/x", "a/../../x", ""] {
        let top = TempDir::new().unwrap();
        let template = Files::from([(path.to_owned(), "x".to_owned())]);
        let log = top.path().join("log");
        let error = stage("w", &top.path().join("w"), &log, &template, &config()).unwrap_err().to_string();
        assert_eq!(error, format!("cannot seed {path}: a path of a file has to stay in the directory"));
    }
}

#[test]
fn a_directory_belongs_to_one_workspace() {
    let top = TempDir::new().unwrap();
    let stage = |name| stage(name, &top.path().join("w"), &top.path().join("log"), &Files::new(), &config());
    stage("a").unwrap().commit().unwrap();
    let error = stage("b").unwrap_err().to_string();
    assert!(error.ends_with(".host/owner: the directory belongs to the workspace a"), "{error}");
    stage("a").unwrap().commit().unwrap();
}

fn config() -> Files {
    Files::from([("config.json".to_owned(), "{}".to_owned())])
}
