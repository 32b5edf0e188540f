//! What is known now: snapshots by target, collector and database, and how the
//! polls went.
//!
//! A snapshot replaces its predecessor whole, so a row that vanished on the
//! server vanishes here; it expires after three intervals, so nothing is ever
//! frozen. The store speaks neither SQL nor HTTP.

mod history;
mod own;
mod status;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use history::{FIGURES, Figure, History, Unit};
pub use status::{CollectorStatus, Outcome, TargetStatus};

use crate::catalog::{Catalog, Collector};
use crate::expose::{Dynamic, Encoded, Page, Series, header};
use crate::rows::Rows;
use crate::target::{Facts, Failure, Reason, Skip};

/// A server that does not answer for so long keeps only what is ours.
const UNREACHABLE_AFTER: Duration = Duration::from_secs(60);

/// Snapshots are dropped after this many intervals without a new one.
const INTERVALS_TO_LIVE: u32 = 3;

/// Which of the configured servers, by position.
pub type TargetId = usize;

/// The database of a collector with `scope = "database"`, empty for the others.
pub type Database = Arc<str>;

/// What the user says of all pages.
#[derive(Clone, Debug)]
pub struct PagePolicy {
    /// Series of one target at most.
    pub series_limit: usize,
    /// Labels on every series of every target.
    pub constant_labels: Vec<(String, String)>,
}

pub struct Store {
    catalog: Arc<Catalog>,
    series_limit: usize,
    inner: Mutex<Inner>,
}

struct Inner {
    targets: Vec<Target>,
    /// Finished pages by collector, absent when a snapshot of theirs changed.
    pages: HashMap<usize, Arc<Page>>,
}

struct Target {
    series: Series,
    status: TargetStatus,
    snapshots: BTreeMap<(usize, Database), Snapshot>,
    collectors: BTreeMap<(usize, Database), CollectorStatus>,
    history: History,
}

struct Snapshot {
    encoded: Encoded,
    expires: Instant,
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
    /// `targets` are names; with several of them each series says which it is of.
    pub fn new(catalog: Arc<Catalog>, targets: &[String], policy: &PagePolicy) -> Self {
        let series_limit = policy.series_limit;
        let several = targets.len() > 1;
        let own_label = |name: &String| several.then(|| ("target".to_owned(), name.clone()));
        let targets = targets
            .iter()
            .map(|name| Target {
                series: Series {
                    constant: policy
                        .constant_labels
                        .iter()
                        .cloned()
                        .chain(own_label(name))
                        .collect(),
                },
                status: TargetStatus::new(name),
                snapshots: BTreeMap::new(),
                collectors: BTreeMap::new(),
                history: History::default(),
            })
            .collect();
        Self { catalog, series_limit, inner: Mutex::new(Inner { targets, pages: HashMap::new() }) }
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The labels that every series of a target carries.
    pub fn series(&self, target: TargetId) -> Series {
        self.lock().targets[target].series.clone()
    }

    /// The connection that collects stands, to this server.
    pub fn connected(&self, target: TargetId, facts: &Facts, connecting: Duration) {
        let mut inner = self.lock();
        let status = &mut inner.targets[target].status;
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
            inner.clear(target);
        }
    }

    /// Whether the server was a standby when it was last asked.
    pub fn role(&self, target: TargetId, in_recovery: bool) {
        self.lock().targets[target].status.in_recovery = Some(in_recovery);
    }

    /// The connection that collects cannot be had, or broke.
    pub fn disconnected(&self, target: TargetId, failure: &Failure) {
        self.lock().targets[target].status.disconnected(failure);
    }

    /// How many connections to the server are open.
    pub fn connections(&self, target: TargetId, open: usize) {
        self.lock().targets[target].status.connections = open;
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
        let declared = &self.catalog.collectors()[collector];
        let mut inner = self.lock();
        let state = &mut inner.targets[target];
        let key = (collector, database.clone());
        let others = state.snapshots.iter().filter(|(other, _)| **other != key);
        let others: usize = others.map(|(_, snapshot)| snapshot.encoded.series).sum();
        if others + poll.encoded.series > self.series_limit {
            state.snapshots.remove(&key);
            inner.pages.remove(&collector);
            return Err(Failure::new(
                Reason::SeriesLimit,
                format!(
                    "{} series would exceed the limit of {} for this server",
                    poll.encoded.series, self.series_limit
                ),
            ));
        }
        state.collectors.entry(key.clone()).or_default().succeeded(&poll);
        state.history.record(now, declared, database, poll.rows);
        let expires = now + poll.interval * INTERVALS_TO_LIVE;
        state.snapshots.insert(key, Snapshot { encoded: poll.encoded, expires });
        inner.pages.remove(&collector);
        Ok(())
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
        let mut inner = self.lock();
        let collectors = &mut inner.targets[target].collectors;
        collectors.entry((collector, database.clone())).or_default().failed(failure, interval);
    }

    /// The collector does not run here now, so nothing of it is true any more.
    pub fn skip(&self, target: TargetId, collector: usize, database: &Database, skip: Skip) {
        let mut inner = self.lock();
        let key = (collector, database.clone());
        let state = &mut inner.targets[target];
        state.collectors.entry(key.clone()).or_default().skipped(skip);
        if state.snapshots.remove(&key).is_some() {
            inner.pages.remove(&collector);
        }
    }

    /// The database is gone from the server.
    pub fn forget_database(&self, target: TargetId, database: &str) {
        let mut inner = self.lock();
        let state = &mut inner.targets[target];
        state.collectors.retain(|(_, name), _| &**name != database);
        state.snapshots.retain(|(_, name), _| &**name != database);
        inner.pages.clear();
    }

    /// Pages of all targets, each family once, joined over targets and databases.
    pub fn pages(&self, wanted: impl Fn(&Collector) -> bool) -> Vec<Arc<Page>> {
        let mut inner = self.lock();
        inner.expire(Instant::now());
        let mut pages = Vec::new();
        for (position, collector) in self.catalog.collectors().iter().enumerate() {
            if !wanted(collector) {
                continue;
            }
            if !collector.is_polled() {
                let text = own::page(collector, &self.catalog, &inner.targets, self.series_limit);
                pages.push(Arc::new(Page::new(text)));
                continue;
            }
            let page = match inner.pages.get(&position) {
                Some(page) => page.clone(),
                None => {
                    let page = Arc::new(Page::new(join(&self.catalog, position, &inner.targets)));
                    inner.pages.insert(position, page.clone());
                    page
                }
            };
            pages.push(page);
        }
        pages
    }

    /// The page of one target alone.
    pub fn target_page(&self, target: TargetId, wanted: impl Fn(&Collector) -> bool) -> Arc<Page> {
        let mut inner = self.lock();
        inner.expire(Instant::now());
        let only = &inner.targets[target..=target];
        let mut text = String::new();
        for (position, collector) in self.catalog.collectors().iter().enumerate() {
            if !wanted(collector) {
                continue;
            }
            text.push_str(&if collector.is_polled() {
                join(&self.catalog, position, only)
            } else {
                own::page(collector, &self.catalog, only, self.series_limit)
            });
        }
        Arc::new(Page::new(text))
    }

    /// Whether every server answers and no collector fails.
    pub fn all_well(&self) -> bool {
        let failed = |status: &CollectorStatus| matches!(status.outcome, Outcome::Failed(_));
        self.lock().targets.iter().all(|target| {
            target.status.up != Some(false) && !target.collectors.values().any(failed)
        })
    }

    /// Whether every target has had its first polls, or is known to be down.
    pub fn is_ready(&self) -> bool {
        (0..self.targets()).all(|target| self.read(target, |view| view.is_ready()))
    }

    /// What the status page shows, copied out.
    pub fn read<T>(&self, target: TargetId, look: impl FnOnce(&View<'_>) -> T) -> T {
        let inner = self.lock();
        let state = &inner.targets[target];
        look(&View {
            status: &state.status,
            collectors: &state.collectors,
            history: &state.history,
        })
    }

    pub fn targets(&self) -> usize {
        self.lock().targets.len()
    }

    /// A poisoned lock only says that a reader panicked; the data is whole,
    /// because every change above is one insertion or removal.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One target, read under the store's lock.
pub struct View<'a> {
    pub status: &'a TargetStatus,
    pub collectors: &'a BTreeMap<(usize, Database), CollectorStatus>,
    pub history: &'a History,
}

impl View<'_> {
    /// Whether there is something to scrape: the first polls are done, or the
    /// server is known to be down.
    pub fn is_ready(&self) -> bool {
        let pending = |status: &CollectorStatus| matches!(status.outcome, Outcome::Pending);
        match self.status.up {
            None => false,
            Some(false) => true,
            Some(true) => !self.collectors.is_empty() && !self.collectors.values().any(pending),
        }
    }
}

impl Inner {
    fn clear(&mut self, target: TargetId) {
        let state = &mut self.targets[target];
        state.snapshots.clear();
        state.collectors.clear();
        state.history = History::default();
        self.pages.clear();
    }

    fn expire(&mut self, now: Instant) {
        for target in &mut self.targets {
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

/// Joins one collector's samples: a family's header once, then all its samples.
fn join(catalog: &Catalog, position: usize, targets: &[Target]) -> String {
    let collector = &catalog.collectors()[position];
    let snapshots: Vec<&Encoded> = targets
        .iter()
        .flat_map(|target| of_collector(&target.snapshots, position))
        .map(|(_, snapshot)| &snapshot.encoded)
        .collect();
    let mut text = String::new();
    for (metric, declared) in collector.metrics.iter().enumerate() {
        let samples = || snapshots.iter().map(|snapshot| snapshot.samples[metric].as_str());
        if samples().any(|samples| !samples.is_empty()) {
            header(&mut text, &declared.name, declared.kind, &declared.help);
            samples().for_each(|samples| text.push_str(samples));
        }
    }
    let dynamic: BTreeMap<&str, &Dynamic> = snapshots
        .iter()
        .flat_map(|snapshot| &snapshot.dynamic)
        .filter(|(name, _)| !catalog.declares(name))
        .map(|(name, family)| (name.as_str(), family))
        .collect();
    for (name, family) in dynamic {
        header(&mut text, name, family.kind, &family.help);
        let all = snapshots.iter().filter_map(|snapshot| snapshot.dynamic.get(name));
        all.for_each(|family| text.push_str(&family.samples));
    }
    text
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
