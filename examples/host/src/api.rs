//! The interface: HTTP on a Unix socket that only the owner of the host can open. It translates requests to calls of the
//! host, and decides nothing.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path as FilePath;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::host::{Host, Standing};
use crate::runtime::{MESSAGE_LIMIT, Undelivered};
use crate::secret::Secret;
use crate::template::is_variable;
use crate::workspace::{Draining, Workspace};

/// The longest template, in bytes.
const TEMPLATE_LIMIT: usize = 4 * 1024 * 1024;
/// The longest secret, in bytes.
const SECRET_LIMIT: usize = 64 * 1024;
/// How long a client may take to read its last answer.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// Binds the socket at `path`, in the place of one that a killed host may have left.
///
/// # Errors
///
/// If `path` is too long for a socket (about 100 bytes), or a directory.
pub fn bind(path: &FilePath) -> io::Result<UnixListener> {
    // Bound in a private directory, and moved once it has its mode.
    let parent = path.parent().unwrap_or(FilePath::new("."));
    let private = tempfile::Builder::new().prefix(".").rand_bytes(4).tempdir_in(parent)?;
    let bound = private.path().join("s");
    let listener = UnixListener::bind(&bound)?;
    fs::set_permissions(&bound, Permissions::from_mode(0o600))?;
    fs::rename(&bound, path)?;
    Ok(listener)
}

/// Serves connections until the host is told to end.
pub async fn serve(listener: UnixListener, host: Arc<Host>) {
    let router = Router::new()
        .route("/workspaces", get(list))
        .route("/workspaces/{name}/restart", post(restart))
        .route("/workspaces/{name}/secrets/{key}", put(set).layer(DefaultBodyLimit::max(SECRET_LIMIT)))
        .route("/workspaces/{name}/messages", post(send).layer(DefaultBodyLimit::max(MESSAGE_LIMIT)))
        .route("/import", post(import).layer(DefaultBodyLimit::max(TEMPLATE_LIMIT)))
        .layer(from_fn_with_state(Arc::clone(&host), until_cancelled))
        .with_state(Arc::clone(&host));
    let cancelled = host.tasks().cancelled();
    let mut cancelled = pin!(cancelled);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut cancelled => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = connection(stream, router.clone(), Arc::clone(&host));
                host.tasks().spawn("connection", connection);
            }
            Err(error) => {
                // For example too many open files: some will be closed.
                warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Serves one connection, for as long as the client likes. Once the host is told to end, only requests that have arrived
/// are answered.
async fn connection(stream: UnixStream, router: Router, host: Arc<Host>) {
    let cancelled = host.tasks().cancelled();
    drop(host);
    let requests = TaskTracker::new();
    let service = TowerToHyperService::new(router);
    let service = service_fn(|request| requests.track_future(service.call(request)));
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = &mut connection => return,
        () = cancelled => connection.as_mut().graceful_shutdown(),
    }
    let answered = async {
        requests.close();
        requests.wait().await;
    };
    tokio::select! {
        _ = &mut connection => return,
        () = answered => {}
    }
    // What is left is the last answer, or a request that never arrived in full.
    let _ = timeout(LAST_ANSWER, connection).await;
}

/// Reads the whole request first, and rejects it once the host is told to end: a client that never finishes its request
/// does not delay the end.
async fn until_cancelled(State(host): State<Arc<Host>>, request: Request, next: Next) -> Response {
    let cancelled = host.tasks().cancelled();
    drop(host);
    let (parts, body) = request.into_parts();
    let read = tokio::select! {
        biased;
        () = cancelled => return Problem::from(Draining).into_response(),
        read = axum::body::to_bytes(body, TEMPLATE_LIMIT) => read,
    };
    if let Ok(body) = read {
        return next.run(Request::from_parts(parts, body.into())).await;
    }
    let message = format!("the body could not be read, or has more than {TEMPLATE_LIMIT} bytes");
    Problem(StatusCode::PAYLOAD_TOO_LARGE, message).into_response()
}

/// An answer that reports an error.
struct Problem(StatusCode, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<Draining> for Problem {
    fn from(draining: Draining) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, draining.to_string())
    }
}

impl From<Undelivered> for Problem {
    fn from(undelivered: Undelivered) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, undelivered.to_string())
    }
}

fn find(host: &Host, name: &str) -> Result<Arc<Workspace>, Problem> {
    let none = || Problem(StatusCode::NOT_FOUND, "no such workspace; GET /workspaces lists them".to_owned());
    host.workspace(name).ok_or_else(none)
}

async fn list(State(host): State<Arc<Host>>) -> Json<Vec<Standing>> {
    Json(host.list())
}

async fn restart(State(host): State<Arc<Host>>, Path(name): Path<String>) -> Result<Response, Problem> {
    let workspace = find(&host, &name)?;
    drop(host);
    settled(&workspace, workspace.restart()).await
}

async fn set(
    State(host): State<Arc<Host>>,
    Path((name, key)): Path<(String, String)>,
    value: String,
) -> Result<Response, Problem> {
    let workspace = find(&host, &name)?;
    drop(host);
    if !is_variable(&key) {
        let message = "the name of a secret is that of a variable: letters, digits and _, no digit first";
        return Err(Problem(StatusCode::BAD_REQUEST, message.to_owned()));
    }
    let number = workspace.change(|wanted| wanted.set(key, Secret::new(value)));
    settled(&workspace, number).await
}

/// Waits for the cycle that takes care of the request `number`.
async fn settled(workspace: &Workspace, number: u64) -> Result<Response, Problem> {
    let status = workspace.settled(number).await?;
    let code = if status.failure.is_some() { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    Ok((code, Json(status)).into_response())
}

async fn send(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
    text: String,
) -> Result<Json<serde_json::Value>, Problem> {
    let workspace = find(&host, &name)?;
    drop(host);
    let answer = workspace.send(text).await?;
    Ok(Json(json!({ "answer": answer })))
}

async fn import(State(host): State<Arc<Host>>, template: String) -> Result<Json<Vec<Standing>>, Problem> {
    let imported = host.import(&template).await;
    imported.map(Json).map_err(|error| Problem(StatusCode::BAD_REQUEST, error.to_string()))
}
