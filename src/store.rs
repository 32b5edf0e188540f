//! What is known now: snapshots by target, collector and database, and how the
//! polls went.
//!
//! A snapshot replaces its predecessor whole, so a row that vanished on the
//! server vanishes here; it expires after three intervals, so nothing is ever
//! frozen. The store speaks neither SQL nor HTTP.

mod history;
mod own;
mod pages;
mod read;
mod standbys;
mod status;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use history::{FIGURES, Figure, History, Unit};
pub use read::View;
pub use standbys::Standby;
pub use status::{CollectorStatus, Outcome, TargetStatus};

use crate::catalog::{Catalog, Software};
use crate::expose::{Encoded, Page, Series};
use crate::rows::Rows;
use crate::target::{Facts, Failure, Reason, Skip};

/// A server that does not answer for so long keeps only what is ours.
const UNREACHABLE_AFTER: Duration = Duration::from_secs(60);

/// Snapshots are dropped after this many intervals without a new one.
const INTERVALS_TO_LIVE: u32 = 3;

/// Which of the watched servers; never given twice, so that what is said late of
/// a server that is gone reaches no other.
pub type TargetId = usize;

/// The database of a collector with `scope = "database"`, empty for the others.
pub type Database = Arc<str>;

/// What the user says of all pages.
#[derive(Clone, Debug, PartialEq)]
pub struct PagePolicy {
    /// Series of one target at most.
    pub series_limit: usize,
    /// Labels on every series of every target.
    pub constant_labels: Vec<(String, String)>,
}

pub struct Store {
    catalog: Arc<Catalog>,
    policy: PagePolicy,
    /// Whether each series says which target it is of.
    name_targets: bool,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    targets: BTreeMap<TargetId, Target>,
    added: usize,
    /// Finished pages by collector, absent when a snapshot of theirs changed.
    pages: HashMap<usize, Arc<Page>>,
}

struct Target {
    /// Whether it is on the pages; a new one waits for its first polls.
    shown: bool,
    series: Series,
    status: TargetStatus,
    snapshots: BTreeMap<(usize, Database), Snapshot>,
    collectors: BTreeMap<(usize, Database), CollectorStatus>,
    history: History,
}

struct Snapshot {
    encoded: Encoded,
    /// Those that the server streams to, if the collector tells.
    standbys: Option<Vec<Standby>>,
    expires: Instant,
}

/// What is known of a server before it was asked anything.
#[derive(Clone, Debug)]
pub struct Identity {
    pub name: String,
    pub software: Software,
    pub labels: BTreeMap<String, String>,
    /// The section that found it, if it is not written down.
    pub found_by: Option<String>,
}

/// A finished poll, on its way into the store.
pub struct Poll<'a> {
    pub rows: &'a Rows,
    pub encoded: Encoded,
    pub rows_beyond_cap: u64,
    pub folded: Option<usize>,
    pub duration: Duration,
    /// The interval in force, stretched or not.
    pub interval: Duration,
}

impl Store {
    /// With several targets each series has to say which one it is of.
    pub fn new(catalog: Arc<Catalog>, policy: PagePolicy, name_targets: bool) -> Self {
        Self { catalog, policy, name_targets, inner: Mutex::default() }
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Room for one more server, which is on no page until [`Store::show`].
    pub fn add(&self, identity: Identity) -> TargetId {
        let name = self.name_targets.then(|| ("target".to_owned(), identity.name.clone()));
        let labels = identity.labels.clone().into_iter().chain(name);
        let constant = self.policy.constant_labels.iter().cloned().chain(labels).collect();
        let mut inner = self.lock();
        let id = inner.added;
        inner.added += 1;
        let target = Target {
            shown: false,
            series: Series { constant },
            status: TargetStatus::new(identity),
            snapshots: BTreeMap::new(),
            collectors: BTreeMap::new(),
            history: History::default(),
        };
        inner.targets.insert(id, target);
        id
    }

    /// Puts servers on the pages, and takes others away, at one moment.
    pub fn show(&self, come: &[TargetId], go: &[TargetId]) {
        let mut inner = self.lock();
        for id in go {
            inner.targets.remove(id);
        }
        for id in come {
            if let Some(target) = inner.targets.get_mut(id) {
                target.shown = true;
            }
        }
        inner.pages.clear();
    }

    /// The labels that every series of a target carries.
    pub fn series(&self, target: TargetId) -> Series {
        self.lock().targets.get(&target).map(|target| target.series.clone()).unwrap_or_default()
    }

    /// The connection that collects stands, to this server.
    pub fn connected(&self, target: TargetId, facts: &Facts, connecting: Duration) {
        self.change(target, |state, pages| {
            let status = &mut state.status;
            let replaced = matches!(
                (&status.system_identifier, &facts.system_identifier),
                (Some(before), Some(now)) if before != now
            );
            status.connected(facts, connecting);
            if replaced {
                tracing::warn!(
                    target_name = %status.name,
                    "another cluster answers behind this address: everything known is dropped"
                );
                state.snapshots.clear();
                state.collectors.clear();
                state.status.polled = false;
                state.history = History::default();
                pages.clear();
            }
        });
    }

    /// The connection that collects stands, to PgBouncer of this version.
    pub fn answered(&self, target: TargetId, version: &str, connecting: Duration) {
        self.change(target, |state, _| state.status.answered(version, connecting));
    }

    /// Whether the server was a standby when it was last asked.
    pub fn role(&self, target: TargetId, in_recovery: bool) {
        self.change(target, |state, _| state.status.in_recovery = Some(in_recovery));
    }

    /// The connection that collects cannot be had, or broke.
    pub fn disconnected(&self, target: TargetId, failure: &Failure) {
        self.change(target, |state, _| state.status.disconnected(failure));
    }

    /// How many connections to the server are open.
    pub fn connections(&self, target: TargetId, open: usize) {
        self.change(target, |state, _| state.status.connections = open);
    }

    /// The collector will be polled there.
    pub fn expect(&self, target: TargetId, collector: usize, database: &Database) {
        self.change(target, |state, _| {
            state.collectors.entry((collector, database.clone())).or_default();
        });
    }

    /// Replaces what the last poll brought, unless the target would then have more
    /// series than it may: the collector is left out whole, because half of its
    /// series would look like all of them.
    pub fn publish(
        &self,
        target: TargetId,
        collector: usize,
        database: &Database,
        poll: Poll,
    ) -> Result<(), Failure> {
        let now = Instant::now();
        let limit = self.policy.series_limit;
        let declared = &self.catalog.collectors()[collector];
        let published = self.change(target, |state, pages| {
            pages.remove(&collector);
            let key = (collector, database.clone());
            let others = state.snapshots.iter().filter(|(other, _)| **other != key);
            let others: usize = others.map(|(_, snapshot)| snapshot.encoded.series).sum();
            let series = poll.encoded.series;
            if others + series > limit {
                state.snapshots.remove(&key);
                let text =
                    format!("{series} series would exceed the limit of {limit} for this server");
                return Err(Failure::new(Reason::SeriesLimit, text));
            }
            state.record(key.clone(), |status| status.succeeded(&poll));
            state.history.record(now, declared, database, poll.rows);
            let expires = now + poll.interval * INTERVALS_TO_LIVE;
            let standbys = standbys::told(declared, poll.rows);
            state.snapshots.insert(key, Snapshot { encoded: poll.encoded, standbys, expires });
            Ok(())
        });
        published.unwrap_or(Ok(()))
    }

    /// The poll failed; what the last one brought stays until it expires.
    pub fn fail(
        &self,
        target: TargetId,
        collector: usize,
        database: &Database,
        failure: &Failure,
        interval: Duration,
    ) {
        self.change(target, |state, _| {
            state.record((collector, database.clone()), |status| status.failed(failure, interval));
        });
    }

    /// The collector does not run here now, so nothing of it is true any more.
    pub fn skip(&self, target: TargetId, collector: usize, database: &Database, skip: Skip) {
        self.change(target, |state, pages| {
            let key = (collector, database.clone());
            state.record(key.clone(), |status| status.skipped(skip));
            if state.snapshots.remove(&key).is_some() {
                pages.remove(&collector);
            }
        });
    }

    /// The database is gone from the server.
    pub fn forget_database(&self, target: TargetId, database: &str) {
        self.change(target, |state, pages| {
            state.collectors.retain(|(_, name), _| &**name != database);
            state.snapshots.retain(|(_, name), _| &**name != database);
            pages.clear();
        });
    }

    /// Changes what is known of a target, unless it is gone, and with it what is
    /// left of the finished pages.
    fn change<T>(
        &self,
        target: TargetId,
        change: impl FnOnce(&mut Target, &mut HashMap<usize, Arc<Page>>) -> T,
    ) -> Option<T> {
        let Inner { targets, pages, .. } = &mut *self.lock();
        targets.get_mut(&target).map(|target| change(target, pages))
    }

    /// A poisoned lock only says that a reader panicked; the data is whole,
    /// because every change above is one insertion or removal.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Target {
    /// What this collector's polls came to there.
    fn record(&mut self, key: (usize, Database), how: impl FnOnce(&mut CollectorStatus)) {
        how(self.collectors.entry(key).or_default());
        let pending = |status: &CollectorStatus| matches!(status.outcome, Outcome::Pending);
        // What is switched off is known before anything is polled; and a database that
        // is created later does not take the readiness back.
        let connected = self.status.up == Some(true);
        self.status.polled |= connected && !self.collectors.values().any(pending);
    }
}

impl Inner {
    fn expire(&mut self, now: Instant) {
        for target in self.targets.values_mut() {
            let gone = target.status.unreachable_for(now) >= UNREACHABLE_AFTER;
            target.snapshots.retain(|(collector, _), snapshot| {
                let keep = !gone && snapshot.expires > now;
                if !keep {
                    self.pages.remove(collector);
                }
                keep
            });
        }
    }
}

/// The entries of one collector, over all databases.
fn of_collector<T>(
    entries: &BTreeMap<(usize, Database), T>,
    collector: usize,
) -> impl Iterator<Item = (&Database, &T)> {
    let first = (collector, Database::from(""));
    entries
        .range(first..)
        .take_while(move |((position, _), _)| *position == collector)
        .map(|((_, database), entry)| (database, entry))
}
