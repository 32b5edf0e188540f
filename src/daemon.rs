//! `pglens serve`: targets watched, pages served, until a signal.

mod found;
mod looks;
mod once;
mod servers;
pub mod systemd;
mod tasks;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Mutex, mpsc, watch};

pub use once::each_once;
pub use servers::watched;

use crate::catalog::Catalog;
use crate::config::Config;
use crate::http::{self, App, Reload};
use crate::process::Process;
use crate::progress::Progress;
use crate::store::Store;
use looks::{Look, Looks};
use servers::{Servers, Surroundings};
use tasks::Tasks;

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

/// A running daemon: the tests hold one as `main` does.
pub struct Daemon {
    pub addresses: Vec<SocketAddr>,
    /// Requests over HTTP to read the configuration again.
    pub reloads: mpsc::Receiver<Reload>,
    store: watch::Receiver<Arc<Store>>,
    process: Arc<Process>,
    progress: Progress,
    pause: watch::Sender<bool>,
    again: watch::Sender<()>,
    /// Changed by a new configuration, and by what is found.
    servers: Arc<Mutex<Servers>>,
    looks: Looks,
    finding: Tasks,
    pages: Tasks,
}

impl Daemon {
    /// Listens first, so that `/` answers before any server does.
    pub async fn start(config: &Config, catalog: Arc<Catalog>) -> Result<Self, Error> {
        http::check(&config.web.listen_addresses, &config.web.telemetry_path)?;
        let (security, follow) = http::load_security(config.web.config_file.as_deref())?;
        let bound = http::bind(&config.web.listen_addresses).await?;
        let addresses = bound.addresses.clone();
        let (pause, paused) = watch::channel(false);
        let (again, asked_again) = watch::channel(());
        let process = Arc::new(Process::new()?);
        process.reloaded(true);
        let progress = Progress::default();
        let surroundings = Surroundings {
            paused,
            again: asked_again,
            progress: progress.clone(),
            process: process.clone(),
        };
        let servers = Servers::start(config, catalog, surroundings);
        let store = servers.pages();
        let servers = Arc::new(Mutex::new(servers));
        let (tell, told) = mpsc::channel(1);
        let mut looks = Looks::new(store.clone(), tell);
        looks.follow(&config.discover).await;
        let mut finding = Tasks::new();
        finding.running.spawn(find(servers.clone(), told, finding.shutdown.subscribe()));
        // One at a time: who asks twice waits for the first answer.
        let (reload, reloads) = mpsc::channel(1);

        let app = App {
            store: store.clone(),
            process: process.clone(),
            paused: pause.clone(),
            reload,
            progress: progress.clone(),
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
        Ok(Self {
            addresses,
            reloads,
            store,
            process,
            progress,
            pause,
            again,
            servers,
            looks,
            finding,
            pages,
        })
    }

    /// Whether what polls gets on.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Watches what a new configuration says, and tries at once what did not work: a
    /// privilege may have been granted meanwhile. Addresses and log stay as they are.
    pub async fn reload(&mut self, config: &Config, catalog: Arc<Catalog>) {
        let started = self.servers.lock().await.reload(config, catalog).await;
        self.looks.follow(&config.discover).await;
        self.again.send_replace(());
        self.process.reloaded(true);
        tracing::info!(targets = config.targets.len(), started, "configuration read again");
    }

    /// Every series that a metric has on the page now: its labels and its value.
    pub fn samples(&self, metric: &str) -> Vec<(String, f64)> {
        let pages = self
            .store
            .borrow()
            .pages(|collector| collector.metrics.iter().any(|declared| declared.name == metric));
        let own = self.process.exposition();
        let lines = pages.iter().flat_map(|page| page.text().lines()).chain(own.lines());
        let samples = lines.filter_map(|line| {
            let (labels, value) = line.strip_prefix(metric)?.rsplit_once(' ')?;
            let whole = labels.is_empty() || labels.starts_with('{');
            whole.then_some((labels.to_owned(), value.parse().ok()?))
        });
        samples.collect()
    }

    /// Asks the servers nothing from now on, or again, as `/-/pause` and `/-/resume` do.
    pub fn pause(&self, paused: bool) {
        self.pause.send_replace(paused);
    }

    /// Whether the first polls of every server are done.
    pub fn is_ready(&self) -> bool {
        let store = self.store.borrow();
        store.are_ready(&store.targets())
    }

    /// A new configuration cannot be used: the old one stays, and that is told.
    pub fn refused(&self, error: &str) {
        self.process.reloaded(false);
        tracing::error!(error, "configuration not read again, the old one stays");
    }

    /// Closes connections to servers and lets open answers end.
    pub async fn stop(mut self) {
        self.looks.stop().await;
        self.finding.stop().await;
        self.servers.lock().await.stop().await;
        self.pages.stop().await;
    }
}

/// Watches whoever is found.
async fn find(
    servers: Arc<Mutex<Servers>>,
    mut told: mpsc::Receiver<Look>,
    mut shutdown: watch::Receiver<bool>,
) {
    loop {
        let look = tokio::select! {
            look = told.recv() => look,
            _ = shutdown.changed() => return,
        };
        let Some(look) = look else { return };
        servers.lock().await.found(look).await;
    }
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
