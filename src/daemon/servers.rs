//! The servers that are watched, and how they change when the configuration does, or
//! when others are found.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::found::{Count, Found};
use super::looks::Look;
use super::tasks::Tasks;
use crate::catalog::Catalog;
use crate::config::{Config, Target};
use crate::poll::{Databases, Policy, Signals, Watched, Wishes, watch_server};
use crate::process::Process;
use crate::progress::Progress;
use crate::store::{Identity, PagePolicy, Store, TargetId};
use crate::target::Endpoint;

/// How long old pages answer while a new configuration has nothing to show yet.
const FIRST_POLLS: Duration = Duration::from_secs(10);

pub struct Servers {
    config: Config,
    common: Common,
    found: Found,
    running: Vec<Server>,
    /// The store of the configuration in force.
    pages: watch::Sender<Arc<Store>>,
    surroundings: Surroundings,
}

/// What lanes hear and tell beside their servers, and who is told what was found.
#[derive(Clone)]
pub struct Surroundings {
    pub paused: watch::Receiver<bool>,
    pub again: watch::Receiver<()>,
    pub progress: Progress,
    pub process: Arc<Process>,
}

/// A server, and what polls it.
struct Server {
    target: Target,
    watched: Arc<Watched>,
    lanes: Tasks,
}

/// What all servers have in common. When it changes, every one is watched anew.
#[derive(Clone, PartialEq)]
struct Common {
    catalog: Arc<Catalog>,
    policy: Arc<Policy>,
    pages: PagePolicy,
    /// With several targets, each series says which one it is of.
    several: bool,
}

impl Common {
    fn of(config: &Config, catalog: Arc<Catalog>) -> Self {
        Self {
            catalog,
            policy: config.policy.clone(),
            pages: config.pages.clone(),
            several: config.names_targets(),
        }
    }

    fn store(&self) -> Arc<Store> {
        Arc::new(Store::new(self.catalog.clone(), self.pages.clone(), self.several))
    }
}

impl Servers {
    pub fn start(config: &Config, catalog: Arc<Catalog>, surroundings: Surroundings) -> Self {
        let common = Common::of(config, catalog);
        let store = common.store();
        let running = start(config, config.targets.iter(), &store, &surroundings);
        store.show(&ids(&running), &[]);
        let config = config.clone();
        let pages = watch::Sender::new(store);
        Self { config, common, found: Found::default(), running, pages, surroundings }
    }

    /// The store of the configuration in force, whichever that is.
    pub fn pages(&self) -> watch::Receiver<Arc<Store>> {
        self.pages.subscribe()
    }

    /// Watches what a new configuration says, and whoever was found where it still
    /// looks; tells how many servers that started.
    pub async fn reload(&mut self, config: &Config, catalog: Arc<Catalog>) -> usize {
        self.found.keep(&self.config.discover, &config.discover);
        for before in &self.config.discover {
            if !config.discover.iter().any(|section| section.name == before.name) {
                self.surroundings.process.discovers_no_more(&before.name);
            }
        }
        self.config = config.clone();
        self.apply(catalog).await
    }

    /// Watches whoever a look found.
    pub async fn found(&mut self, look: Look) {
        // It may be of a section that is gone meanwhile.
        let Some(section) = self.config.discover.iter().find(|one| one.name == look.section) else {
            return;
        };
        self.surroundings.process.discovered(&look.section, look.listed.is_ok());
        self.found.take_in(section, look);
        self.apply(self.common.catalog.clone()).await;
    }

    /// Starts and stops what is to be watched now and was not before, or was before
    /// and is not now.
    ///
    /// A target that is as it was goes on undisturbed. The lanes of one that changed end
    /// first, so that no server ever sees more connections than its budget; what they
    /// brought is shown until the new ones have something to show.
    async fn apply(&mut self, catalog: Arc<Catalog>) -> usize {
        let wanted = self.wanted().await;
        let common = Common::of(&self.config, catalog);
        let anew = common != self.common;
        let is_same = wanted.len() == self.running.len()
            && self.running.iter().all(|server| wanted.contains(&server.target));
        if is_same && !anew {
            return 0;
        }
        let store = if anew { common.store() } else { self.pages.borrow().clone() };
        let stays = |server: &Server| !anew && wanted.contains(&server.target);
        let (stay, mut go): (Vec<_>, Vec<_>) = self.running.drain(..).partition(stays);
        stop(&mut go).await;

        let is_new = |target: &&Target| !stay.iter().any(|server| server.target == **target);
        let come = wanted.iter().filter(is_new);
        let come = start(&self.config, come, &store, &self.surroundings);
        tell(&come, &go);
        let new = ids(&come);
        let since = Instant::now();
        while !store.are_ready(&new) && since.elapsed() < FIRST_POLLS {
            sleep(Duration::from_millis(50)).await;
        }
        // A store of its own does not know those that went.
        let gone = if anew { Vec::new() } else { ids(&go) };
        store.show(&new, &gone);
        self.pages.send_replace(store);
        self.running = stay.into_iter().chain(come).collect();
        self.common = common;
        new.len()
    }

    /// What is written down, and what was found and is none of that.
    async fn wanted(&mut self) -> Vec<Target> {
        let Self { config, found, running, surroundings, .. } = self;
        // A target of several hosts is where it is connected to.
        let dsn = |target: &Target| {
            let connected = running.iter().find(|server| server.target == *target);
            match connected {
                Some(server) => server.watched.endpoint.dsn().ok(),
                None => endpoint(config, target).dsn().ok(),
            }
        };
        let wanted = found.beside(config, dsn).await;
        for Count { section, watched, dropped } in &wanted.counts {
            surroundings.process.discovered_targets(section, *watched, *dropped);
        }
        wanted.targets
    }

    pub async fn stop(&mut self) {
        stop(&mut self.running).await;
    }
}

/// Who was found is no part of the configuration, and so no news to nobody.
fn tell(come: &[Server], go: &[Server]) {
    let was = |server: &Server, servers: &[Server]| {
        servers.iter().any(|other| other.target.name == server.target.name)
    };
    for server in come.iter().filter(|server| !was(server, go)) {
        if let Some(section) = &server.target.found_by {
            tracing::info!(server = %server.target.name, section, "found, and watched from now on");
        }
    }
    for server in go.iter().filter(|server| !was(server, come)) {
        if let Some(section) = &server.target.found_by {
            tracing::info!(server = %server.target.name, section, "gone, and not watched any more");
        }
    }
}

fn ids(servers: &[Server]) -> Vec<TargetId> {
    servers.iter().map(|server| server.watched.id).collect()
}

/// All at once: each may have to wait for an answer of its server.
async fn stop(servers: &mut [Server]) {
    futures_util::future::join_all(servers.iter_mut().map(|server| server.lanes.stop())).await;
}

fn start<'a>(
    config: &Config,
    targets: impl Iterator<Item = &'a Target>,
    store: &Arc<Store>,
    surroundings: &Surroundings,
) -> Vec<Server> {
    targets
        .map(|target| {
            let watched = Arc::new(server(config, target, store));
            let mut lanes = Tasks::new();
            let shutdown = lanes.shutdown.subscribe();
            let Surroundings { paused, again, progress, .. } = surroundings.clone();
            let signals = Signals { shutdown, paused, again, progress };
            lanes.running.spawn(watch_server(watched.clone(), signals));
            Server { target: target.clone(), watched, lanes }
        })
        .collect()
}

/// A store for the configured servers, and what polls into it.
pub fn watched(config: &Config, catalog: Arc<Catalog>) -> (Arc<Store>, Vec<Arc<Watched>>) {
    let store = Common::of(config, catalog).store();
    let servers = watched_in(config, &config.targets, &store);
    (store, servers)
}

/// What polls more servers into the same store.
pub fn watched_in(config: &Config, targets: &[Target], store: &Arc<Store>) -> Vec<Arc<Watched>> {
    let servers: Vec<_> =
        targets.iter().map(|target| Arc::new(server(config, target, store))).collect();
    let ids: Vec<_> = servers.iter().map(|server| server.id).collect();
    store.show(&ids, &[]);
    servers
}

pub fn endpoint(config: &Config, target: &Target) -> Endpoint {
    Endpoint::new(target.source.clone(), config.environment.clone())
        .of_cluster(target.system_identifier.clone())
}

fn server(config: &Config, target: &Target, store: &Arc<Store>) -> Watched {
    let identity = Identity {
        name: target.name.clone(),
        software: target.software,
        labels: target.labels.clone(),
        found_by: target.found_by.clone(),
    };
    Watched::new(
        store.add(identity),
        target.name.clone(),
        endpoint(config, target),
        store.clone(),
        config.policy.clone(),
        Wishes {
            software: target.software,
            databases: Databases {
                only: target.include_databases.clone(),
                never: target.exclude_databases.clone(),
            },
            left_alone: target.left_alone.clone(),
            logs: target.logs.clone(),
        },
    )
}
