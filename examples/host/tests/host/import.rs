//! Imports of organisations, end to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use envref_host::secret::Secret;
use futures_util::FutureExt as _;
use serde_json::json;

use crate::fixture::{Fifo, Fixture, organisation, starts};

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_comes_up_as_its_template_says() {
    let fixture = Fixture::with(|settings| {
        settings.environment = vec!["PATH".into(), "NOT_SET_ANYWHERE".into()];
    });
    let template = r#"
        name: Harbour
        variables: {REGION: eu, SHELF: north, EMPTY: ""}
        defaults: {model: large, initial_prompt: "Ask $REGION for ${TOKEN}."}
        files: {RULES.md: "Leave $HOME alone."}
        workspaces:
          - name: one
            workspace_dir: ${WORKSPACE_DIR}/one-$REGION
            variables: {SHELF: south}
            channels:
              - kind: mail
                config: {to: "$SHELF@$REGION", path: $PATH}
              - {kind: slack, config: {token: "${NOT_SET_ANYWHERE}", more: "a $UNSET"}}
              - {kind: empty, config: {token: "v0=${EMPTY}"}}
              - {kind: closed, config: {version: $HOME}}
              - {kind: shell, config: {port: "${PORT:-80}"}}
          - name: two
            workspace_dir: ${WORKSPACE_DIR}/two
            model: small
            initial_prompt: Stay.
            channels:
              - {kind: mail, config: {to: $SHELF}}
          - name: relative
            workspace_dir: relative/$REGION
            channels: []
          - name: nowhere
            workspace_dir: $NOWHERE
            channels: []
          - name: empty
            workspace_dir: /${EMPTY}
            channels: []
          - name: "../up"
            workspace_dir: ${WORKSPACE_DIR}/up
            channels: []
    "#;
    let imported = fixture.host.import(template).await.unwrap();
    let names: Vec<_> = imported.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["one", "two", "relative", "nowhere", "empty", "../up"]);

    let failures: Vec<_> = imported.iter().map(|it| it.status.failure.as_deref()).collect();
    assert_eq!(
        failures,
        [
            None,
            None,
            Some("the directory relative/$REGION is not absolute"),
            Some("cannot place the directory: $NOWHERE unset"),
            Some("cannot place the directory: ${EMPTY} empty"),
            Some("a name has up to 64 of a-z, 0-9 and -"),
        ]
    );
    assert_eq!(
        imported[0].status.notes,
        [
            "channel slack left out: $UNSET not among the variables, and the fallback is not asked within a longer text, \
             ${NOT_SET_ANYWHERE} unset",
            "channel empty left out: ${EMPTY} empty",
            "channel closed left out: $HOME neither a variable nor an allowed environment variable",
            "channel shell: ${PORT:-80} text, not a reference",
        ]
    );
    let one = &starts(&fixture.workspace_dir("one-eu"))[0].config;
    assert_eq!(one["initial_prompt"], "Ask $REGION for ${TOKEN}.");
    assert_eq!(one["model"], "large");
    let mail = json!({"to": "south@eu", "path": std::env::var("PATH").unwrap()});
    let channels =
        json!([{"kind": "mail", "config": mail}, {"kind": "shell", "config": {"port": "${PORT:-80}"}}]);
    assert_eq!(one["channels"], channels);
    let two = &fixture.starts("two")[0].config;
    assert_eq!(two["channels"], json!([{"kind": "mail", "config": {"to": "north"}}]));
    assert_eq!((&two["model"], &two["initial_prompt"]), (&json!("small"), &json!("Stay.")));
    assert_eq!(fixture.end().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workspaces_start_at_a_time() {
    let begun = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&begun);
    let fixture = Fixture::with(|settings| {
        settings.mint = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Secret::mint()
        });
    });
    let fifos: Vec<_> = (0..6).map(|number| Fifo::new(&fixture.dir, &number.to_string())).collect();
    let rests: Vec<_> = fifos.iter().map(Fifo::rest).collect();
    let names: Vec<_> = (0..6).map(|number| format!("w{number}")).collect();
    let workspaces: Vec<_> =
        names.iter().zip(&rests).map(|(name, rest)| (name.as_str(), rest.as_str())).collect();
    let mut import = Box::pin(fixture.import(&workspaces));
    assert!(import.as_mut().now_or_never().is_none());

    let mut held = Vec::new();
    for fifo in &fifos[..3] {
        held.push(fifo.reached().await);
    }
    assert_eq!(begun.load(Ordering::Relaxed), 3);
    // The one in the middle makes room for one more.
    held.remove(1).release().await;
    held.push(fifos[3].reached().await);
    assert_eq!(begun.load(Ordering::Relaxed), 4);
    for held in held {
        held.release().await;
    }
    fifos[4].pass().await;
    fifos[5].pass().await;
    assert!(import.await.iter().all(envref_host::host::Standing::is_done));
    assert_eq!(fixture.end().await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_outlives_the_client_that_asked_for_it() {
    let fixture = Fixture::new();
    let fifos: Vec<_> = (0..5).map(|number| Fifo::new(&fixture.dir, &number.to_string())).collect();
    let rests: Vec<_> = fifos.iter().map(Fifo::rest).collect();
    let names: Vec<_> = (0..5).map(|number| format!("w{number}")).collect();
    let workspaces: Vec<_> =
        names.iter().zip(&rests).map(|(name, rest)| (name.as_str(), rest.as_str())).collect();
    let mut import = Box::pin(fixture.import(&workspaces));
    assert!(import.as_mut().now_or_never().is_none());
    drop(import);
    for fifo in &fifos {
        fifo.pass().await;
    }
    for name in &names {
        assert_eq!(fixture.workspace(name).settled(1).await.unwrap().failure, None);
    }
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_import_changes_what_runs_and_keeps_the_secrets() {
    let fixture = Fixture::new();
    let rest = "channels: [{kind: x, config: {version: one}}]";
    fixture.import(&[("w", rest), ("left-alone", "channels: []")]).await;
    let workspace = fixture.workspace("w");
    let number = workspace.change(|spec| spec.set("TOKEN".into(), Secret::new("t0ken")));
    workspace.settled(number).await.unwrap();

    let rest = "channels: [{kind: x, config: {version: two, token: $TOKEN}}]";
    assert_eq!(fixture.import(&[("w", rest)]).await[0].status.failure, None);
    assert_eq!(fixture.starts("w").last().unwrap().channel(), &json!({"version": "two", "token": "t0ken"}));
    assert_eq!(fixture.starts("left-alone").len(), 1);
    assert_eq!(fixture.end().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_template_changes_nothing() {
    let fixture = Fixture::new();
    let twice = organisation(&[("w", "channels: []"), ("w", "channels: []")]);
    let unknown = organisation(&[("w", "channels: [], chanels: []")]);
    for (template, problem) in [
        ("[", "not an organisation template, at 1:1 (details withheld: they may quote a secret)"),
        (&*unknown, "not an organisation template, at 4:66 (details withheld: they may quote a secret)"),
        (&*twice, "two workspaces have the name \"w\": rename one"),
    ] {
        assert_eq!(fixture.host.import(template).await.unwrap_err().to_string(), problem);
    }
    assert_eq!(fixture.host.list().len(), 0);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_references_do_not_make_a_large_configuration() {
    let fixture = Fixture::new();
    let large = "x".repeat(1000);
    let rest = format!(
        "variables: {{A: {large}}}, channels: [{{kind: x, config: {{a: \"{}\"}}}}]",
        "$A".repeat(300)
    );
    let imported = fixture.import(&[("w", &rest)]).await;
    let failure = imported[0].status.failure.as_deref().unwrap();
    assert!(failure.starts_with("expansions longer than the limit of 262144 bytes"), "{failure}");
    assert!(!failure.contains("xx"), "{failure}");
    fixture.end().await;
}
