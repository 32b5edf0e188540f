//! What the status page, the health checks and the daemon itself read of the store.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::{
    CollectorStatus, Database, History, Outcome, Store, Target, TargetId, TargetStatus,
    of_collector,
};
use crate::catalog::Metric;

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
        match self.status.up {
            None => false,
            Some(false) => true,
            Some(true) => self.status.polled,
        }
    }
}

impl Store {
    /// The largest value that a metric of this name has now, of one target.
    pub fn largest(&self, target: TargetId, metric: &str) -> Option<f64> {
        let mut inner = self.lock();
        inner.expire(Instant::now());
        let state = inner.targets.get(&target)?;
        let collectors = self.catalog.collectors().iter().enumerate();
        let declaring = collectors.filter_map(|(position, collector)| {
            let named = |declared: &Metric| declared.name == metric;
            Some((position, collector.metrics.iter().position(named)?))
        });
        let samples = declaring.flat_map(|(position, metric)| {
            let of = of_collector(&state.snapshots, position);
            of.flat_map(move |(_, snapshot)| snapshot.encoded.samples[metric].lines())
        });
        samples.filter_map(|line| line.rsplit_once(' ')?.1.parse().ok()).reduce(f64::max)
    }

    /// Whether every server answers and no collector fails.
    pub fn all_well(&self) -> bool {
        let failed = |status: &CollectorStatus| matches!(status.outcome, Outcome::Failed(_));
        self.lock().targets.values().filter(|target| target.shown).all(|target| {
            target.status.up != Some(false) && !target.collectors.values().any(failed)
        })
    }

    /// Whether these have had their first polls, or are known to be down.
    pub fn are_ready(&self, targets: &[TargetId]) -> bool {
        targets.iter().all(|target| self.read(*target, |view| view.is_ready()).unwrap_or(true))
    }

    /// What the status page shows, copied out; nothing when the target is gone.
    pub fn read<T>(&self, target: TargetId, look: impl FnOnce(&View<'_>) -> T) -> Option<T> {
        let inner = self.lock();
        let state = inner.targets.get(&target)?;
        Some(look(&View {
            status: &state.status,
            collectors: &state.collectors,
            history: &state.history,
        }))
    }

    /// Those on the pages, by name.
    pub fn targets(&self) -> Vec<TargetId> {
        let inner = self.lock();
        let shown = inner.targets.iter().filter(|(_, target)| target.shown);
        let mut named: Vec<_> =
            shown.map(|(id, target)| (target.status.name.clone(), *id)).collect();
        named.sort_unstable();
        named.into_iter().map(|(_, id)| id).collect()
    }

    /// The target of this name that is on the pages.
    pub fn target(&self, name: &str) -> Option<TargetId> {
        let inner = self.lock();
        let named = |target: &Target| target.shown && target.status.name == name;
        inner.targets.iter().find(|(_, target)| named(target)).map(|(id, _)| *id)
    }
}
