//! The servers that are watched, and how they change when the configuration does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::tasks::Tasks;
use crate::catalog::Catalog;
use crate::config::{Config, Target};
use crate::poll::{Databases, Policy, Signals, Watched, Wishes, watch_server};
use crate::progress::Progress;
use crate::store::{PagePolicy, Store, TargetId};
use crate::target::Endpoint;

/// How long old pages answer while a new configuration has nothing to show yet.
const FIRST_POLLS: Duration = Duration::from_secs(10);

pub struct Servers {
    common: Common,
    running: Vec<Server>,
    progress: Progress,
}

/// A server, and what polls it.
struct Server {
    target: Target,
    id: TargetId,
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
            several: config.targets.len() > 1,
        }
    }

    fn store(&self) -> Arc<Store> {
        Arc::new(Store::new(self.catalog.clone(), self.pages.clone(), self.several))
    }
}

impl Servers {
    pub fn start(
        config: &Config,
        catalog: Arc<Catalog>,
        paused: &watch::Receiver<bool>,
    ) -> (Self, Arc<Store>) {
        let common = Common::of(config, catalog);
        let store = common.store();
        let progress = Progress::default();
        let running = start(config, config.targets.iter(), &store, paused, &progress);
        store.show(&ids(&running), &[]);
        (Self { common, running, progress }, store)
    }

    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Watches what a new configuration says, and tells how many servers that
    /// started.
    ///
    /// A target that it leaves as it was goes on undisturbed. The lanes of one that
    /// changed end first, so that no server ever sees more connections than its
    /// budget; what they brought is shown until the new ones have something to show.
    pub async fn reload(
        &mut self,
        config: &Config,
        catalog: Arc<Catalog>,
        pages: &watch::Sender<Arc<Store>>,
        paused: &watch::Receiver<bool>,
    ) -> usize {
        let common = Common::of(config, catalog);
        let anew = common != self.common;
        let store = if anew { common.store() } else { pages.borrow().clone() };
        let stays = |server: &Server| !anew && config.targets.contains(&server.target);
        let (stay, mut go): (Vec<_>, Vec<_>) = self.running.drain(..).partition(stays);
        stop(&mut go).await;

        let is_new = |target: &&Target| !stay.iter().any(|server| server.target == **target);
        let come = config.targets.iter().filter(is_new);
        let come = start(config, come, &store, paused, &self.progress);
        let new = ids(&come);
        let since = Instant::now();
        while !store.are_ready(&new) && since.elapsed() < FIRST_POLLS {
            sleep(Duration::from_millis(50)).await;
        }
        // A store of its own does not know those that went.
        let gone = if anew { Vec::new() } else { ids(&go) };
        store.show(&new, &gone);
        pages.send_replace(store);
        self.running = stay.into_iter().chain(come).collect();
        self.common = common;
        new.len()
    }

    pub async fn stop(&mut self) {
        stop(&mut self.running).await;
    }
}

fn ids(servers: &[Server]) -> Vec<TargetId> {
    servers.iter().map(|server| server.id).collect()
}

/// All at once: each may have to wait for an answer of its server.
async fn stop(servers: &mut [Server]) {
    futures_util::future::join_all(servers.iter_mut().map(|server| server.lanes.stop())).await;
}

fn start<'a>(
    config: &Config,
    targets: impl Iterator<Item = &'a Target>,
    store: &Arc<Store>,
    paused: &watch::Receiver<bool>,
    progress: &Progress,
) -> Vec<Server> {
    targets
        .map(|target| {
            let server = Arc::new(server(config, target, store));
            let mut lanes = Tasks::new();
            let shutdown = lanes.shutdown.subscribe();
            let (paused, progress) = (paused.clone(), progress.clone());
            let id = server.id;
            lanes.running.spawn(watch_server(server, Signals { shutdown, paused, progress }));
            Server { target: target.clone(), id, lanes }
        })
        .collect()
}

/// A store for the configured servers, and what polls into it.
pub fn watched(config: &Config, catalog: Arc<Catalog>) -> (Arc<Store>, Vec<Watched>) {
    let store = Common::of(config, catalog).store();
    let servers: Vec<_> =
        config.targets.iter().map(|target| server(config, target, &store)).collect();
    let ids: Vec<_> = servers.iter().map(|server| server.id).collect();
    store.show(&ids, &[]);
    (store, servers)
}

fn server(config: &Config, target: &Target, store: &Arc<Store>) -> Watched {
    Watched::new(
        store.add(&target.name, target.software),
        target.name.clone(),
        Endpoint::new(target.source.clone(), config.environment.clone()),
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
