//! The face: which request gets which answer.

use std::sync::Arc;

use envref_host::api;
use serde_json::{Value, json};

use crate::fixture::{Answer, Fixture, kill, organisation, request};

/// Starts a host that serves its face, with the workspace `w`.
async fn served() -> Fixture {
    let fixture = Fixture::online("channels: [{kind: x, config: {a: $UNSET}}]").await;
    let listener = api::bind(&fixture.host.settings().socket()).unwrap();
    fixture.host.tasks().spawn("listener", api::serve(listener, Arc::clone(&fixture.host)));
    fixture
}

async fn ask(fixture: &Fixture, method: &str, path: &str, body: &str) -> Answer {
    request(&fixture.host.settings().socket(), method, path, body).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_their_answers() {
    let fixture = served().await;
    let note = "channel x left out: $UNSET neither a variable nor an allowed environment variable";
    let standing = |pid: &Value, cycles: u32| json!({"name": "w", "state": "online", "pid": pid, "failure": null, "notes": [note], "cycles": cycles});

    let listed = ask(&fixture, "GET", "/workspaces", "").await.json();
    assert_eq!(listed, json!([standing(&listed[0]["pid"], 1)]));
    let restarted = ask(&fixture, "POST", "/workspaces/w/restart", "").await;
    let pid = &restarted.json()["pid"];
    assert_eq!((restarted.code, &restarted.json()["cycles"]), (200, &json!(2)));
    assert_ne!(*pid, listed[0]["pid"]);
    assert_eq!(ask(&fixture, "GET", "/workspaces", "").await.json(), json!([standing(pid, 2)]));

    let answer = ask(&fixture, "POST", "/workspaces/w/messages", "hello").await;
    assert_eq!((answer.code, answer.json()), (200, json!({"answer": "hello"})));
    let imported = ask(&fixture, "POST", "/import", &organisation(&[("w", "channels: []")])).await;
    assert_eq!((imported.code, &imported.json()[0]["notes"]), (200, &json!([])));
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said() {
    let fixture = served().await;
    let longer_than = |limit: usize| "x".repeat(limit + 1);
    for (method, path, body, code, problem) in [
        ("POST", "/workspaces/none/restart", "", 404, "no such workspace"),
        ("POST", "/workspaces/none/messages", "", 404, "no such workspace"),
        ("PUT", "/workspaces/none/secrets/A", "", 404, "no such workspace"),
        ("PUT", "/workspaces/w/secrets/1A", "", 400, "the name of a secret is that of a variable"),
        ("PUT", "/workspaces/w/secrets/A", &longer_than(64 * 1024), 413, "length limit exceeded"),
        ("POST", "/workspaces/w/messages", &longer_than(8 * 1024), 413, "length limit exceeded"),
        ("POST", "/import", &longer_than(4 * 1024 * 1024), 413, "has more than 4194304 bytes"),
        ("POST", "/import", "name: x", 400, "not an organisation template"),
        ("GET", "/import", "", 405, ""),
        ("GET", "/", "", 404, ""),
    ] {
        let answer = ask(&fixture, method, path, body).await;
        assert_eq!(answer.code, code, "{method} {path}: {}", answer.body);
        assert!(answer.body.contains(problem), "{method} {path}: {}", answer.body);
    }
    assert_eq!(fixture.workspace("w").status().cycles, 1);

    let dir = fixture.workspace_dir("w");
    kill(fixture.workspace("w").status().pid.unwrap(), &dir).await;
    let answer = ask(&fixture, "POST", "/workspaces/w/messages", "hello").await;
    assert_eq!(answer.code, 503);
    assert!(answer.body.contains("is being restarted"), "{}", answer.body);
    assert_eq!(fixture.workspace("w").settled(2).await.unwrap().failure, None);

    std::fs::rename(dir.join(".host"), dir.join("away")).unwrap();
    std::fs::write(dir.join(".host"), "in the way").unwrap();
    let answer = ask(&fixture, "POST", "/workspaces/w/restart", "").await;
    assert_eq!((answer.code, &answer.json()["state"]), (500, &json!("online")));
    assert!(answer.body.contains("cannot seed"), "{}", answer.body);
    fixture.end().await;
}
