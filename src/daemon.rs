//! `pglens serve`: targets watched, pages served, until a signal.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::catalog::Catalog;
use crate::config::Config;
use crate::http::{self, App, Reload};
use crate::poll::{Databases, Signals, Watched, watch_server};
use crate::process::Process;
use crate::store::Store;
use crate::target::Endpoint;

/// Why the daemon cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Listen(#[from] io::Error),
    #[error(transparent)]
    WebConfig(#[from] http::WebConfigError),
    #[error("our own metrics: {0}")]
    Process(#[from] prometheus::Error),
}

/// How long old pages answer while a new configuration has nothing to show yet.
const FIRST_POLLS: Duration = Duration::from_secs(10);

/// A running daemon: the tests hold one as `main` does.
pub struct Daemon {
    pub addresses: Vec<SocketAddr>,
    /// Requests over HTTP to read the configuration again.
    pub reloads: mpsc::Receiver<Reload>,
    store: watch::Sender<Arc<Store>>,
    process: Arc<Process>,
    paused: watch::Receiver<bool>,
    lanes: Tasks,
    pages: Tasks,
}

/// What runs until it is told to stop.
struct Tasks {
    shutdown: watch::Sender<bool>,
    running: JoinSet<()>,
}

impl Tasks {
    fn new() -> Self {
        Self { shutdown: watch::Sender::new(false), running: JoinSet::new() }
    }

    async fn stop(&mut self) {
        self.shutdown.send_replace(true);
        while let Some(ended) = self.running.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task died; this is a defect");
            }
        }
    }
}

impl Daemon {
    /// Listens first, so that `/` answers before any server does.
    pub async fn start(config: &Config, catalog: Arc<Catalog>) -> Result<Self, Error> {
        http::check(&config.web.listen_addresses, &config.web.telemetry_path)?;
        let (security, follow) = http::load_security(config.web.config_file.as_deref())?;
        let bound = http::bind(&config.web.listen_addresses).await?;
        let addresses = bound.addresses.clone();
        let (current, servers) = watched(config, catalog);
        let (store, reading) = watch::channel(current);
        let (pause, paused) = watch::channel(false);
        // One at a time: who asks twice waits for the first answer.
        let (reload, reloads) = mpsc::channel(1);
        let process = Arc::new(Process::new()?);
        process.reloaded(true);

        let app = App {
            store: reading,
            process: process.clone(),
            paused: pause,
            reload,
            openmetrics: config.web.enable_openmetrics,
            telemetry_path: config.web.telemetry_path.as_str().into(),
        };
        let router = http::router(app, config.web.enable_lifecycle);
        let mut pages = Tasks::new();
        let stopping = pages.shutdown.subscribe();
        pages.running.spawn(http::serve(bound, router, security, stopping.clone()));
        if let Some(follow) = follow {
            pages.running.spawn(follow.run(stopping));
        }
        let lanes = watch_all(servers, &paused);
        Ok(Self { addresses, reloads, store, process, paused, lanes, pages })
    }

    /// Watches what a new configuration says. Addresses and log stay as they are.
    ///
    /// The old lanes end first, so that no server ever sees more connections than
    /// its budget; their pages answer until the new ones have something to show.
    pub async fn reload(&mut self, config: &Config, catalog: Arc<Catalog>) {
        self.lanes.stop().await;
        let (store, servers) = watched(config, catalog);
        self.lanes = watch_all(servers, &self.paused);
        let since = Instant::now();
        while !store.is_ready() && since.elapsed() < FIRST_POLLS {
            sleep(Duration::from_millis(50)).await;
        }
        self.store.send_replace(store);
        self.process.reloaded(true);
        tracing::info!(targets = config.targets.len(), "configuration read again");
    }

    /// Every series that a metric has on the page now: its labels and its value.
    pub fn samples(&self, metric: &str) -> Vec<(String, f64)> {
        let pages = self
            .store
            .borrow()
            .pages(|collector| collector.metrics.iter().any(|declared| declared.name == metric));
        let samples = pages.iter().flat_map(|page| page.text().lines()).filter_map(|line| {
            let (labels, value) = line.strip_prefix(metric)?.rsplit_once(' ')?;
            let whole = labels.is_empty() || labels.starts_with('{');
            whole.then_some((labels.to_owned(), value.parse().ok()?))
        });
        samples.collect()
    }

    /// Whether the first polls of every server are done.
    pub fn is_ready(&self) -> bool {
        self.store.borrow().is_ready()
    }

    /// A new configuration cannot be used: the old one stays, and that is told.
    pub fn refused(&self, error: &str) {
        self.process.reloaded(false);
        tracing::error!(error, "configuration not read again, the old one stays");
    }

    /// Closes connections to servers and lets open answers end.
    pub async fn stop(mut self) {
        self.lanes.stop().await;
        self.pages.stop().await;
    }
}

fn watch_all(servers: Vec<Watched>, paused: &watch::Receiver<bool>) -> Tasks {
    let mut lanes = Tasks::new();
    for server in servers {
        let shutdown = lanes.shutdown.subscribe();
        let signals = Signals { shutdown, paused: paused.clone() };
        lanes.running.spawn(watch_server(Arc::new(server), signals));
    }
    lanes
}

/// A store for the configured servers, and what polls into it.
pub fn watched(config: &Config, catalog: Arc<Catalog>) -> (Arc<Store>, Vec<Watched>) {
    let names: Vec<_> = config.targets.iter().map(|target| target.name.clone()).collect();
    let store = Arc::new(Store::new(catalog, &names, &config.pages));
    let servers = config
        .targets
        .iter()
        .enumerate()
        .map(|(id, target)| {
            Watched::new(
                id,
                target.name.clone(),
                Endpoint::new(target.source.clone(), config.environment.clone()),
                store.clone(),
                config.policy.clone(),
                Databases {
                    only: target.include_databases.clone(),
                    never: target.exclude_databases.clone(),
                },
                target.left_alone.clone(),
            )
        })
        .collect();
    (store, servers)
}

/// SIGINT and SIGTERM, heard from the moment that this is made.
pub struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    pub fn new() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    /// Returns when one of them came.
    pub async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
