//! What is known, over HTTP: from memory, always, and never slower for a
//! database that hangs.

mod auth;
mod guard;
mod metrics;
mod roles;
mod security;
mod server;
mod status;
mod style;
mod tls;
mod web_config;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::{mpsc, oneshot, watch};

pub use security::load as load_security;
pub use server::{Bound, bind, serve};
pub use web_config::Error as WebConfigError;

use crate::process::Process;
use crate::progress::Progress;
use crate::store::Store;

/// What the routes read.
#[derive(Clone)]
pub struct App {
    /// The store of the configuration in force.
    pub store: watch::Receiver<Arc<Store>>,
    pub process: Arc<Process>,
    pub paused: watch::Sender<bool>,
    pub reload: mpsc::Sender<Reload>,
    pub progress: Progress,
    /// Whether OpenMetrics is sent to those who prefer it.
    pub openmetrics: bool,
    /// Where `/metrics` is, for the page to link to.
    pub telemetry_path: Arc<str>,
}

/// A request to read the configuration again; the answer is what is wrong with it.
pub type Reload = oneshot::Sender<Result<(), String>>;

impl App {
    fn store(&self) -> Arc<Store> {
        self.store.borrow().clone()
    }
}

/// Our own paths, where the exposition cannot be.
const TAKEN: [&str; 9] = [
    "/probe",
    "/primary",
    "/replica",
    "/healthz",
    "/readyz",
    "/sd",
    "/-/pause",
    "/-/resume",
    "/-/reload",
];

/// Whether we could serve there, found without opening anything.
pub fn check(listen_addresses: &[String], telemetry_path: &str) -> io::Result<()> {
    listen_addresses.iter().try_for_each(|address| server::split(address).map(drop))?;
    // Braces are the router's, and a query or a fragment is no part of a path.
    let is_plain =
        telemetry_path.starts_with('/') && !telemetry_path.contains(['{', '}', '?', '#']);
    if is_plain && !TAKEN.contains(&telemetry_path) {
        return Ok(());
    }
    let message = format!(
        "cannot serve metrics at {telemetry_path}: write a path that begins with / and is none of {}",
        TAKEN.join(", ")
    );
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

/// All routes. Those that change something are there only with `lifecycle`.
pub fn router(app: App, lifecycle: bool) -> Router {
    let mut router = Router::new()
        .route(&app.telemetry_path, get(metrics::metrics))
        .route("/probe", get(metrics::probe))
        .route("/primary", get(roles::primary))
        .route("/replica", get(roles::replica))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/sd", get(metrics::service_discovery));
    if &*app.telemetry_path != "/" {
        router = router.route("/", get(status::page));
    }
    if lifecycle {
        router = router
            .route("/-/reload", post(reload))
            .route("/-/pause", post(|State(app): State<App>| pause(app, true)))
            .route("/-/resume", post(|State(app): State<App>| pause(app, false)));
    }
    router.fallback(not_found).with_state(app)
}

/// The process answers, and what polls gets on, also where a server is down.
async fn healthz(State(app): State<App>) -> Response {
    match app.progress.late() {
        None => "ok\n".into_response(),
        Some(server) => {
            let text = format!("polling of {server} hangs, restart pglens; this is a defect\n");
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}

/// The first polls of every target are done, or it is known to be down.
async fn readyz(State(app): State<App>) -> Response {
    let store = app.store();
    let waiting: Vec<_> = store
        .targets()
        .into_iter()
        .filter_map(|target| {
            store.read(target, |view| (!view.is_ready()).then(|| view.status.name.clone()))?
        })
        .collect();
    if waiting.is_empty() {
        "ready\n".into_response()
    } else {
        let text = format!("waiting for the first polls of {}\n", waiting.join(", "));
        (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
    }
}

async fn reload(State(app): State<App>) -> Response {
    let (asked, answer) = oneshot::channel();
    let sent = app.reload.send(asked).await;
    match (sent, answer.await) {
        (Ok(()), Ok(Ok(()))) => "configuration read again\n".into_response(),
        (Ok(()), Ok(Err(error))) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
        }
        _ => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response(),
    }
}

async fn pause(app: App, pause: bool) -> &'static str {
    app.paused.send_replace(pause);
    tracing::warn!(paused = pause, "polling was switched over HTTP");
    if pause { "paused\n" } else { "resumed\n" }
}

async fn not_found(State(app): State<App>) -> Response {
    let text = format!("nothing here; see / and {}\n", app.telemetry_path);
    (StatusCode::NOT_FOUND, text).into_response()
}
