//! `pglens serve`: targets watched, pages served, until a signal.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::catalog::Catalog;
use crate::config::Config;
use crate::http::{self, App};
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

/// A running daemon: the tests hold one as `main` does.
pub struct Daemon {
    pub addresses: Vec<SocketAddr>,
    pub store: Arc<Store>,
    shutdown: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Daemon {
    /// Listens first, so that `/` answers before any server does.
    pub async fn start(config: &Config, catalog: Arc<Catalog>) -> Result<Self, Error> {
        http::check(&config.web.listen_addresses, &config.web.telemetry_path)?;
        let (security, follow) = http::load_security(config.web.config_file.as_deref())?;
        let bound = http::bind(&config.web.listen_addresses).await?;
        let addresses = bound.addresses.clone();
        let (store, servers) = watched(config, catalog);
        let (shutdown, stopping) = watch::channel(false);
        let (pause, paused) = watch::channel(false);

        let app = App {
            store: store.clone(),
            process: Arc::new(Process::new()?),
            paused: pause,
            openmetrics: config.web.enable_openmetrics,
            telemetry_path: config.web.telemetry_path.as_str().into(),
        };
        let router = http::router(app, config.web.enable_lifecycle);
        let mut tasks = JoinSet::new();
        tasks.spawn(http::serve(bound, router, security, stopping.clone()));
        if let Some(follow) = follow {
            tasks.spawn(follow.run(stopping.clone()));
        }
        for server in servers {
            let signals = Signals { shutdown: stopping.clone(), paused: paused.clone() };
            tasks.spawn(watch_server(Arc::new(server), signals));
        }
        Ok(Self { addresses, store, shutdown, tasks })
    }

    /// Closes connections to servers and lets open answers end.
    pub async fn stop(mut self) {
        self.shutdown.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task died; this is a defect");
            }
        }
    }
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

/// Returns at SIGINT or SIGTERM.
pub async fn until_told_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
