//! From snapshots to pages: a family's header once, and below it the samples of
//! every target and database.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::{Inner, Store, Target, TargetId, of_collector, own};
use crate::catalog::{Catalog, Collector};
use crate::expose::{Dynamic, Encoded, Page, header};

impl Store {
    /// Pages of all targets, each family once, joined over targets and databases.
    pub fn pages(&self, wanted: impl Fn(&Collector) -> bool) -> Vec<Arc<Page>> {
        let mut inner = self.lock();
        inner.expire(Instant::now());
        let Inner { targets, pages, .. } = &mut *inner;
        let shown: Vec<_> = targets.values().filter(|target| target.shown).collect();
        let declared = self.catalog.collectors().iter().enumerate();
        declared
            .filter(|(_, collector)| wanted(collector))
            .map(|(position, collector)| {
                let join = || Arc::new(Page::new(self.joined(position, &shown)));
                match collector.is_polled() {
                    true => pages.entry(position).or_insert_with(join).clone(),
                    // What is ours changes with every poll.
                    false => join(),
                }
            })
            .collect()
    }

    /// The page of one target alone, if it is there.
    pub fn target_page(
        &self,
        target: TargetId,
        wanted: impl Fn(&Collector) -> bool,
    ) -> Option<Arc<Page>> {
        let mut inner = self.lock();
        inner.expire(Instant::now());
        let only = [inner.targets.get(&target)?];
        let declared = self.catalog.collectors().iter().enumerate();
        let wanted = declared.filter(|(_, collector)| wanted(collector));
        let text = wanted.map(|(position, _)| self.joined(position, &only)).collect();
        Some(Arc::new(Page::new(text)))
    }

    fn joined(&self, position: usize, targets: &[&Target]) -> String {
        let collector = &self.catalog.collectors()[position];
        match collector.is_polled() {
            true => join(&self.catalog, position, targets),
            false => own::page(collector, &self.catalog, targets, self.policy.series_limit),
        }
    }
}

/// Joins one collector's samples: a family's header once, then all its samples.
fn join(catalog: &Catalog, position: usize, targets: &[&Target]) -> String {
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
