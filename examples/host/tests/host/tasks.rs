//! Tracked tasks.

use std::future::pending;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use envref_host::tasks::Tasks;
use futures_util::{FutureExt as _, join};
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;
use tracing::subscriber::set_default;

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_tasks_that_have_not_begun_and_for_those_that_they_spawn() {
    let tasks = Tasks::default();
    let ended = Arc::new(AtomicUsize::new(0));
    let gate = CancellationToken::new();
    for number in 0..16 {
        let (inner, ended, gate) = (tasks.clone(), Arc::clone(&ended), gate.clone());
        tasks.spawn(format!("outer {number}"), async move {
            gate.cancelled().await;
            let ended_too = Arc::clone(&ended);
            inner.spawn(format!("inner {number}"), async move {
                yield_now().await;
                ended_too.fetch_add(1, Ordering::Relaxed);
            });
            ended.fetch_add(1, Ordering::Relaxed);
        });
    }
    // None of them has run yet.
    let mut drain = Box::pin(tasks.drain(LONG));
    assert_eq!(drain.as_mut().now_or_never(), None);
    gate.cancel();
    assert_eq!(drain.await, Vec::<String>::new());
    assert_eq!(ended.load(Ordering::Relaxed), 32);
}

#[tokio::test]
async fn a_panic_is_reported_with_the_name_of_its_task_and_the_others_go_on() {
    let log = Log::default();
    let _guard = set_default(tracing_subscriber::fmt().with_writer(log.clone()).finish());
    let tasks = Tasks::default();
    let ended = Arc::new(AtomicUsize::new(0));
    for number in 0..32 {
        let ended = Arc::clone(&ended);
        tasks.spawn(format!("task {number}"), async move {
            assert_ne!(number, 7, "on purpose");
            ended.fetch_add(1, Ordering::Relaxed);
        });
    }
    assert_eq!(tasks.drain(LONG).await, Vec::<String>::new());
    assert_eq!(ended.load(Ordering::Relaxed), 31);
    let text = log.text();
    assert!(text.contains("a task panicked") && text.contains("task 7"), "{text}");
    assert!(!text.contains("on purpose"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_is_named() {
    let tasks = Tasks::default();
    tasks.spawn("hung", pending());
    tasks.spawn("brief", async {});
    assert_eq!(tasks.drain(LONG).await, ["hung"]);
}

#[tokio::test]
async fn blocking_work_counts_though_nobody_waits_for_it() {
    let tasks = Tasks::default();
    let (release, held) = mpsc::channel::<()>();
    let ended = Arc::new(AtomicUsize::new(0));
    let after = Arc::clone(&ended);
    let work = tasks.blocking("work", move || {
        held.recv().unwrap();
        after.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(work.now_or_never(), None);

    let mut drain = Box::pin(tasks.drain(LONG));
    assert_eq!(drain.as_mut().now_or_never(), None);
    release.send(()).unwrap();
    assert_eq!(drain.await, Vec::<String>::new());
    assert_eq!(ended.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn cancelled_tasks_end() {
    let tasks = Tasks::default();
    tasks.spawn("connection", tasks.cancelled());
    let (left, ()) = join!(tasks.drain(LONG), async { tasks.cancel() });
    assert_eq!(left, Vec::<String>::new());
}

/// Clippy fails here if `clippy.toml` allows bare spawns, because what is expected does not happen then.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "shows that clippy refuses them")]
async fn bare_spawns_are_refused() {
    tokio::spawn(async {}).await.unwrap();
}

/// A log to look at.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
