//! Watching a server: two lanes of polls on a fixed budget of connections.
//!
//! The *live* lane keeps one connection for whatever is quick and urgent, and
//! stands for `pg_up`. The *work* lane does the slow and the per-database part,
//! one statement at a time, and moves from database to database. What remains of
//! the budget replaces connections that had to be abandoned.

mod backoff;
mod budget;
mod console;
mod filter;
mod lane;
mod link;
mod once;
mod pace;
mod rounds;
mod run;
mod schedule;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use filter::{Filter, InvalidPattern};
pub use once::once;

use crate::catalog::{Catalog, Collector, Preset, Requirement, Scope, Software};
use crate::progress::Progress;
use crate::store::{Store, TargetId};
use crate::target::{Endpoint, Skip};
use budget::Budget;
use console::ConsoleLane;
use lane::Lane;

/// Connections to one server at most: two lanes and one in reserve.
pub const DEFAULT_CONNECTIONS: usize = 3;

/// A collector that may take longer than this, or is polled more seldom than
/// this, is not urgent and must not stand in the way of what is.
const LIVE_TIMEOUT: Duration = Duration::from_secs(2);
const LIVE_INTERVAL: Duration = Duration::from_secs(15);

/// What the user changed about a collector.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Override {
    pub enabled: Option<bool>,
    pub interval: Option<Duration>,
    pub timeout: Option<Duration>,
    /// Objects with series of their own, where a collector ranks them.
    pub keep: Option<usize>,
}

/// How much of a collector becomes series.
#[derive(Clone, Copy)]
struct Caps {
    /// Objects with a row of their own, where it ranks them.
    keep: usize,
    rows: usize,
}

/// How the user wants all servers watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub preset: Preset,
    /// By collector.
    pub overrides: HashMap<String, Override>,
    pub filter: Filter,
    /// To one server at most.
    pub connections: usize,
}

impl Default for Policy {
    fn default() -> Self {
        let connections = DEFAULT_CONNECTIONS;
        Self {
            preset: Preset::default(),
            overrides: HashMap::new(),
            filter: Filter::default(),
            connections,
        }
    }
}

/// Which databases are entered.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    /// All of them when empty.
    pub only: Vec<String>,
    pub never: Vec<String>,
}

impl Databases {
    fn includes(&self, name: &String) -> bool {
        (self.only.is_empty() || self.only.contains(name)) && !self.never.contains(name)
    }
}

/// What the user says of one server alone.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    pub software: Software,
    pub databases: Databases,
    /// Collectors that its managed service does not offer.
    pub left_alone: Vec<String>,
    pub logs: crate::logs::Wishes,
}

/// One server to watch, and everything that its lanes share.
pub struct Watched {
    pub id: TargetId,
    pub name: String,
    pub endpoint: Endpoint,
    pub store: Arc<Store>,
    pub policy: Arc<Policy>,
    pub wishes: Wishes,
    requirements: Vec<Requirement>,
    budget: Budget,
}

impl Watched {
    pub fn new(
        id: TargetId,
        name: String,
        endpoint: Endpoint,
        store: Arc<Store>,
        policy: Arc<Policy>,
        wishes: Wishes,
    ) -> Self {
        let requirements = store.catalog().requirements().cloned().collect();
        let budget = Budget::new(policy.connections);
        Self { id, name, endpoint, store, policy, wishes, requirements, budget }
    }

    fn catalog(&self) -> &Catalog {
        self.store.catalog()
    }

    /// The collectors for what runs there, with their positions in the catalogue.
    fn collectors(&self) -> impl Iterator<Item = (usize, &Arc<Collector>)> {
        let all = self.catalog().collectors().iter().enumerate();
        all.filter(|(_, collector)| {
            collector.is_polled() && collector.software == self.wishes.software
        })
    }

    /// Why a collector shall not run here, whatever the server could do.
    fn unwanted(&self, collector: &Collector) -> Option<Skip> {
        let name = &collector.name;
        let wished = self.policy.overrides.get(name).and_then(|change| change.enabled);
        if wished.is_none() && self.wishes.left_alone.contains(name) {
            return Some(Skip::Managed);
        }
        let enabled = wished.unwrap_or(collector.preset <= self.policy.preset);
        (!enabled).then_some(Skip::Disabled)
    }

    fn timeout(&self, collector: &Collector) -> Duration {
        self.policy
            .overrides
            .get(&collector.name)
            .and_then(|change| change.timeout)
            .unwrap_or(collector.timeout)
    }

    fn interval(&self, collector: &Collector, variant: Option<Duration>) -> Duration {
        self.policy
            .overrides
            .get(&collector.name)
            .and_then(|change| change.interval)
            .or(variant)
            .unwrap_or(collector.interval)
    }

    fn caps(&self, collector: &Collector) -> Caps {
        let declared = Caps {
            keep: collector.top.as_ref().map_or(0, |top| top.keep),
            rows: collector.max_rows,
        };
        let wished = self.policy.overrides.get(&collector.name).and_then(|change| change.keep);
        match wished {
            // Room for what was kept before, and for totals, grows with what is kept.
            Some(keep) if declared.keep > 0 => {
                let rows = (declared.rows * keep).div_ceil(declared.keep);
                Caps { keep, rows: rows.max(keep + declared.rows - declared.keep) }
            }
            _ => declared,
        }
    }

    fn is_live(&self, collector: &Collector) -> bool {
        collector.scope == Scope::Server
            && self.timeout(collector) <= LIVE_TIMEOUT
            && self.interval(collector, None) <= LIVE_INTERVAL
    }
}

/// Signals that all lanes listen to.
#[derive(Clone)]
pub struct Signals {
    pub shutdown: watch::Receiver<bool>,
    pub paused: watch::Receiver<bool>,
    /// Somebody may have mended something: what did not work is tried at once.
    pub again: watch::Receiver<()>,
    /// Not listened to but told.
    pub progress: Progress,
}

/// Watches one server until the shutdown signal; returns when its connections are closed.
pub async fn watch_server(watched: Arc<Watched>, signals: Signals) {
    let mut lanes = JoinSet::new();
    match watched.wishes.software {
        Software::PostgreSql => {
            lanes.spawn(Lane::live(watched.clone()).run(signals.clone()));
            lanes.spawn(Lane::work(watched.clone()).run(signals));
        }
        Software::PgBouncer => {
            lanes.spawn(ConsoleLane::new(watched.clone()).run(signals));
        }
    }
    while let Some(ended) = lanes.join_next().await {
        if let Err(error) = ended {
            tracing::error!(server = %watched.name, %error, "a lane died; this is a defect");
        }
    }
}
