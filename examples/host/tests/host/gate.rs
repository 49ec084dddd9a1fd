//! One restart of a workspace at a time, whoever asks.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use envref_host::secret::Secret;
use envref_host::workspace::{State, Undelivered};
use futures_util::FutureExt as _;
use futures_util::future::join_all;

use crate::fixture::{Fifo, Fixture, agent, kill};

/// A channel with the secret `NUMBER`, and one that holds the agent.
fn held(fifo: &Fifo) -> String {
    format!(
        "variables: {{NUMBER: none}}, channels: [{{kind: x, config: {{number: $NUMBER}}}}, {}]",
        fifo.channel()
    )
}

/// Starts a host with a workspace that is held at each of its starts, and lets the first one pass.
async fn fixture_with_fifo() -> (Fixture, Fifo) {
    let fixture = Fixture::new();
    let fifo = Fifo::new(&fixture.dir, "fifo");
    let rest = held(&fifo);
    let workspaces = [("w", rest.as_str())];
    let (imported, ()) = futures_util::join!(fixture.import(&workspaces), fifo.pass());
    assert_eq!(imported[0].status.failure, None);
    (fixture, fifo)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_runtime_in_a_directory_exits() {
    let fixture = Fixture::online("channels: []").await;
    let mut second = agent(&fixture.workspace_dir("w"));
    let status = second.stdin(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(73));
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_caller_is_answered_by_a_cycle_that_began_after_it_asked() {
    let (fixture, fifo) = fixture_with_fifo().await;
    let workspace = fixture.workspace("w");

    let first = workspace.restart();
    let held = fifo.reached().await;
    let second = workspace.restart();
    held.release().await;
    let one = workspace.settled(first).await.unwrap();
    assert_eq!((one.failure, one.cycles), (None, 2));

    let held = fifo.reached().await;
    assert!(workspace.settled(second).now_or_never().is_none());
    held.release().await;
    let two = workspace.settled(second).await.unwrap();
    assert_eq!((two.failure, two.cycles), (None, 3));
    assert_ne!(one.pid, two.pid);
    assert_eq!(fixture.end().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_during_a_cycle_make_one_more_and_the_last_configuration_runs() {
    let (fixture, fifo) = fixture_with_fifo().await;
    let workspace = fixture.workspace("w");

    workspace.restart();
    let held = fifo.reached().await;
    let set =
        |number: u32| workspace.change(|spec| spec.set("NUMBER".to_owned(), Secret::new(number.to_string())));
    let numbers: Vec<_> = (0..100).map(set).collect();
    held.release().await;
    fifo.pass().await;
    let answers = join_all(numbers.iter().map(|number| workspace.settled(*number))).await;

    for status in answers {
        let status = status.unwrap();
        assert_eq!((status.failure, status.cycles), (None, 3));
    }
    let starts = fixture.starts("w");
    let configured: Vec<_> = starts.iter().map(|start| start.channel()["number"].as_str().unwrap()).collect();
    assert_eq!(configured, ["none", "none", "99"]);
    assert_eq!(fixture.end().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_one_after_the_other_stay_separate() {
    let fixture = Fixture::online("channels: []").await;
    let mut pids = vec![fixture.workspace("w").status().pid];
    for _ in 0..3 {
        pids.push(fixture.restart("w").await.pid);
    }
    let started: Vec<_> = fixture.starts("w").iter().map(|start| Some(start.pid)).collect();
    assert_eq!(started, pids);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_during_a_cycle_that_fails_is_kept() {
    let (fixture, fifo) = fixture_with_fifo().await;
    let workspace = fixture.workspace("w");
    let starts = fixture.workspace_dir("w").join("starts.jsonl");

    let first = workspace.restart();
    let held = fifo.reached().await;
    let second = workspace.restart();
    // What the agent is about to write to is no file any more.
    fs::rename(&starts, starts.with_extension("kept")).unwrap();
    fs::create_dir(&starts).unwrap();
    held.release().await;
    let status = workspace.settled(first).await.unwrap();
    let failure = "the runtime ended before it was ready, with exit status: 1; see its log";
    assert_eq!(status.failure.as_deref(), Some(failure));

    let held = fifo.reached().await;
    fs::remove_dir(&starts).unwrap();
    held.release().await;
    let status = workspace.settled(second).await.unwrap();
    assert_eq!((status.state, status.failure, status.cycles), (State::Online, None, 3));
    assert_eq!(fixture.end().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_start_is_not_taken_for_the_end_of_a_runtime() {
    let (fixture, fifo) = fixture_with_fifo().await;
    let workspace = fixture.workspace("w");
    let starts = fixture.workspace_dir("w").join("starts.jsonl");
    let number = workspace.restart();
    let held = fifo.reached().await;
    fs::remove_file(&starts).unwrap();
    fs::create_dir(&starts).unwrap();
    held.release().await;
    let failed = workspace.settled(number).await.unwrap();
    assert_eq!((failed.state, failed.pid), (State::Offline, None));

    // The end of a runtime is noted before a message is looked at, and the restart that the message causes is held.
    assert_eq!(workspace.send("anybody?".into()).await, Err(Undelivered::Dead));
    let held = fifo.reached().await;
    let failure = workspace.status().failure.unwrap();
    assert!(failure.starts_with("the runtime ended before it was ready"), "{failure}");
    fs::remove_dir(&starts).unwrap();
    held.release().await;
    assert_eq!(workspace.settled(number + 1).await.unwrap().failure, None);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_during_a_cycle_that_panics_is_kept() {
    let (entered, in_cycle) = mpsc::channel();
    let (release, held) = mpsc::channel::<()>();
    let (held, cycles) = (Mutex::new(held), AtomicUsize::new(0));
    let fixture = Fixture::with(|settings| {
        settings.mint = Arc::new(move || {
            if cycles.fetch_add(1, Ordering::Relaxed) == 1 {
                entered.send(()).unwrap();
                held.lock().unwrap().recv().unwrap();
                panic!("on purpose");
            }
            Secret::mint()
        });
    });
    fixture.import(&[("w", "channels: []")]).await;
    let workspace = fixture.workspace("w");
    let pid = workspace.status().pid;

    let first = workspace.restart();
    in_cycle.recv().unwrap();
    let second = workspace.restart();
    release.send(()).unwrap();
    workspace.settled(first).await.unwrap();
    let status = workspace.settled(second).await.unwrap();
    assert_eq!((status.state, status.failure, status.cycles), (State::Online, None, 3));
    assert_ne!(status.pid, pid);
    assert_eq!(fixture.restart("w").await.failure, None);
    assert_eq!(fixture.end().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_before_the_stop_leaves_the_runtime() {
    let cycles = AtomicUsize::new(0);
    let fixture = Fixture::with(|settings| {
        settings.mint = Arc::new(move || {
            assert_ne!(cycles.fetch_add(1, Ordering::Relaxed), 1, "on purpose");
            Secret::mint()
        });
    });
    fixture.import(&[("w", "channels: []")]).await;
    let pid = fixture.workspace("w").status().pid;
    let status = fixture.restart("w").await;
    assert_eq!((status.failure.as_deref(), status.pid), (Some("the restart panicked"), pid));
    assert_eq!(fixture.workspace("w").send("there?".into()).await.unwrap(), "there?");
    assert_eq!(fixture.end().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_in_the_middle_of_a_cycle_adds_no_start() {
    let (entered, in_cycle) = mpsc::channel();
    let (release, held) = mpsc::channel::<()>();
    let (held, cycles) = (Mutex::new(held), AtomicUsize::new(0));
    let fixture = Fixture::with(|settings| {
        settings.mint = Arc::new(move || {
            if cycles.fetch_add(1, Ordering::Relaxed) == 1 {
                entered.send(()).unwrap();
                held.lock().unwrap().recv().unwrap();
            }
            Secret::mint()
        });
    });
    fixture.import(&[("w", "channels: []")]).await;
    let workspace = fixture.workspace("w");

    let number = workspace.restart();
    in_cycle.recv().unwrap();
    kill(workspace.status().pid.unwrap(), &fixture.workspace_dir("w")).await;
    // A message in the middle of a cycle waits for its end, and finds nobody dead.
    let mut message = Box::pin(workspace.send("there?".into()));
    assert!(message.as_mut().now_or_never().is_none());
    release.send(()).unwrap();
    let status = workspace.settled(number).await.unwrap();
    assert_eq!((status.failure, status.cycles), (None, 2));

    // Requests come before messages: one that an exit had made would have been taken care of.
    assert_eq!(message.await.unwrap(), "there?");
    assert_eq!(workspace.send("again?".into()).await.unwrap(), "again?");
    assert_eq!((workspace.status().cycles, fixture.starts("w").len()), (2, 2));
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workspaces_do_not_wait_for_each_other() {
    let fixture = Fixture::new();
    let fifo = Fifo::new(&fixture.dir, "fifo");
    let rest = fifo.rest();
    let workspaces = [("held", rest.as_str()), ("free", "channels: []")];
    let mut import = Box::pin(fixture.import(&workspaces));
    assert!(import.as_mut().now_or_never().is_none());
    let held = fifo.reached().await;
    // It has been asked for, and ends.
    let free = fixture.workspace("free");
    assert_eq!(free.settled(1).await.unwrap().failure, None);
    assert_eq!(fixture.restart("free").await.failure, None);
    assert!(import.as_mut().now_or_never().is_none());
    held.release().await;
    import.await;
    assert_eq!(fixture.end().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_the_last_start_is_the_one_that_the_runtime_has() {
    let fixture = Fixture::online("channels: []").await;
    let workspace = fixture.workspace("w");
    let numbers: Vec<_> = (0..100).map(|_| workspace.restart()).collect();
    for number in numbers {
        workspace.settled(number).await.unwrap();
    }
    let starts = fixture.starts("w");
    let records = fixture.host.store().records().unwrap();
    let token = records[0].1.token.as_ref().unwrap().expose();
    assert_eq!(token, starts.last().unwrap().token());
    assert_ne!(token, starts[0].token());
    assert_eq!(records[0].1.status.pid, Some(starts.last().unwrap().pid));

    // It is nobody's once the runtime has been stopped.
    let Fixture { host, dir } = fixture;
    let state = host.settings().store();
    host.shutdown().await;
    let store = envref_host::store::Store::open(&state).unwrap();
    assert_eq!(store.records().unwrap()[0].1.token, None);
    drop(dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_that_is_never_ready_does_not_wedge_its_workspace() {
    let fixture = Fixture::with(|settings| {
        settings.start = std::time::Duration::from_millis(1);
        settings.stop = std::time::Duration::from_millis(1);
    });
    let fifo = Fifo::new(&fixture.dir, "fifo");
    let rest = fifo.rest();
    let imported = fixture.import(&[("w", &rest)]).await;
    let failure = imported[0].status.failure.as_deref();
    assert_eq!(failure, Some("the runtime was not ready within 1ms; see its log"));
    assert_eq!(fixture.restart("w").await.cycles, 2);
    assert_eq!(fixture.end().await, 0);
}

#[test]
fn a_second_host_in_the_same_state_is_refused() {
    let fixture = Fixture::new();
    let settings = envref_host::host::Settings::new(fixture.state(), "none".into());
    let error = envref_host::host::Host::open(settings).err().unwrap().to_string();
    assert_eq!(error, "cannot use the store: Database already open. Cannot acquire lock.");
}
