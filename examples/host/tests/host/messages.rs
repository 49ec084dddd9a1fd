//! The preflight of messages. What a test causes has ended when the test ends: [`Fixture::end`] drains.

use std::fs;

use envref_host::agent::LOCK;
use envref_host::workspace::{State, Undelivered};
use futures_util::FutureExt as _;
use futures_util::future::join_all;

use crate::fixture::{Fifo, Fixture, kill, organisation};

#[tokio::test(flavor = "multi_thread")]
async fn a_running_runtime_answers() {
    let fixture = Fixture::online("channels: []").await;
    let workspace = fixture.workspace("w");
    assert_eq!(workspace.send("one\n\"two\"".into()).await, Ok("one\n\"two\"".to_owned()));
    assert_eq!(workspace.status().cycles, 1);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_runtime_is_restarted() {
    let fixture = Fixture::online("channels: []").await;
    let workspace = fixture.workspace("w");
    let pid = workspace.status().pid.unwrap();
    kill(pid, &fixture.workspace_dir("w")).await;

    assert_eq!(workspace.send("there?".into()).await, Err(Undelivered::Dead));
    let status = workspace.settled(2).await.unwrap();
    assert_eq!((status.state, status.failure, status.cycles), (State::Online, None, 2));
    assert_ne!(status.pid, Some(pid));
    assert_eq!(workspace.send("there?".into()).await, Ok("there?".to_owned()));
    assert_eq!(fixture.end().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_fails_counts_as_alive() {
    let fixture = Fixture::online("channels: []").await;
    let workspace = fixture.workspace("w");
    let lock = fixture.workspace_dir("w").join(LOCK);
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();

    assert_eq!(workspace.send("there?".into()).await, Ok("there?".to_owned()));
    assert_eq!(workspace.status().cycles, 1);
    assert_eq!(fixture.end().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_during_a_restart_waits_for_the_new_runtime() {
    let fixture = Fixture::new();
    let fifo = Fifo::new(&fixture.dir, "fifo");
    let template = organisation(&[("w", &fifo.rest())]);
    let mut import = Box::pin(fixture.host.import(&template));
    assert!(import.as_mut().now_or_never().is_none());
    let held = fifo.reached().await;
    let workspace = fixture.workspace("w");
    let mut message = Box::pin(workspace.send("there?".into()));
    assert!(message.as_mut().now_or_never().is_none());
    held.release().await;
    assert_eq!(message.await, Ok("there?".to_owned()));
    assert_eq!(workspace.status().cycles, 1);
    import.await.unwrap();
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_waits_for_the_answers_to_messages() {
    // An answer takes the runtime a while.
    let prompt = "talk ".repeat(20_000);
    let fixture = Fixture::online(&format!("initial_prompt: {prompt}, channels: []")).await;
    let workspace = fixture.workspace("w");
    let restart = async {
        // By the time of this answer the runtime has been told most of the others.
        workspace.send("first".into()).await.unwrap();
        workspace.settled(workspace.restart()).await.unwrap().failure
    };
    let messages = join_all((0..50).map(|number| workspace.send(number.to_string())));
    let (failure, answers) = futures_util::join!(restart, messages);
    assert_eq!(failure, None);
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, Ok(number.to_string()));
    }
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chatty_runtime_does_not_block() {
    let fixture = Fixture::new();
    // For each message more than a pipe holds, in a line that is longer than what is kept of one.
    let prompt = "talk ".repeat(100_000);
    let template = organisation(&[("w", &format!("initial_prompt: {prompt}, channels: []"))]);
    let imported = fixture.host.import(&template).await.unwrap();
    assert_eq!(imported[0].status.failure, None);
    let workspace = fixture.workspace("w");
    let answers = join_all((0..10).map(|number| workspace.send(number.to_string()))).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, Ok(number.to_string()));
    }
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_a_dying_runtime_had_is_answered() {
    let fixture = Fixture::online("channels: []").await;
    let workspace = fixture.workspace("w");
    let messages = join_all((0..20).map(|number| workspace.send(number.to_string())));
    let dir = fixture.workspace_dir("w");
    let kill = kill(workspace.status().pid.unwrap(), &dir);
    let (answers, ()) = futures_util::join!(messages, kill);
    for (number, answer) in answers.into_iter().enumerate() {
        // Each is answered by the runtime, or told that it was not.
        assert!(answer == Ok(number.to_string()) || answer.is_err());
    }
    fixture.end().await;
}
