//! The blocking tree: who waits for whose lock, and who stands at the root.
//!
//! [`Tree`] is the graph itself, for whoever wants to draw it; the transform
//! makes metrics of it that name no process.

mod lock;
mod tree;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Add;
use std::time::Duration;

pub use self::lock::{Lock, Owner};
pub use self::tree::Tree;
use super::{Transform, TransformError};
use crate::rows::{Rows, Value};

/// Tables named in `pg_blocking_waiters_by_relation`.
const RELATIONS: usize = 10;

const COLUMNS: [&str; 18] = [
    "datname",
    "locktype",
    "mode",
    "kind",
    "schemaname",
    "relname",
    "pg_blocking_waiters",
    "pg_blocking_longest_wait_seconds",
    "pg_blocking_waited_seconds",
    "pg_blocking_tree_depth",
    "pg_blocking_worst_root_victims",
    "pg_blocking_root_transaction_age_seconds",
    "pg_blocking_truncated",
    "pg_blocking_roots",
    "pg_blocking_waiters_by_locktype",
    "pg_blocking_waiters_by_mode",
    "pg_blocking_waiters_by_relation",
    "pg_blocking_longest_wait_by_database_seconds",
];

/// The transform of the collector `blocking`.
#[derive(Debug, Default)]
pub struct BlockingTree {
    /// When each present wait was first seen. The server says since when only
    /// from 14 on, and not in the first moment of a wait.
    first_seen: HashMap<(Owner, Box<str>), Duration>,
}

impl Transform for BlockingTree {
    fn apply(&mut self, rows: Rows, at: Duration) -> Result<Rows, TransformError> {
        let (locks, complete) = self.locks(&rows, at)?;
        let tree = if complete { Tree::new(&locks) } else { None };
        let waits: Vec<&Lock> = locks.iter().filter(|lock| !lock.granted).collect();

        let mut out = Metrics(Rows::new(COLUMNS));
        out.server(&waits, tree.as_ref());
        out.roots(tree.as_ref());
        out.counts(&waits);
        Ok(out.0)
    }
}

impl BlockingTree {
    /// The locks of one poll, every wait with its length, and whether the
    /// query's limit let all of them through.
    pub fn locks(
        &mut self,
        rows: &Rows,
        at: Duration,
    ) -> Result<(Vec<Lock>, bool), TransformError> {
        let (mut locks, complete) = lock::read(rows)?;
        let mut present = HashMap::new();
        for lock in locks.iter_mut().filter(|lock| !lock.granted) {
            let wait = (lock.owner.clone(), lock.tag.clone());
            let since = self.first_seen.get(&wait).copied().unwrap_or(at);
            present.insert(wait, since);
            let seen = at.saturating_sub(since).as_secs_f64();
            lock.wait_seconds = Some(lock.wait_seconds.unwrap_or(seen));
        }
        self.first_seen = present;
        Ok((locks, complete))
    }
}

/// The rows being written: each names only the few columns that it fills.
struct Metrics(Rows);

impl Metrics {
    fn push<const N: usize>(&mut self, cells: [(&str, Value); N]) {
        self.0.push(COLUMNS.map(|column| {
            cells.iter().find(|(name, _)| *name == column).map_or(Value::Null, |(_, v)| v.clone())
        }));
    }

    /// What holds for the whole server, 0 when nobody waits.
    fn server(&mut self, waits: &[&Lock], tree: Option<&Tree>) {
        // A wait that began while the query ran began after its clock was read.
        let seconds = || waits.iter().filter_map(|wait| wait.wait_seconds).map(|s| s.max(0.0));
        let transaction = |tree: &Tree| {
            tree.roots()
                .filter_map(|root| tree.sessions[root].transaction_seconds)
                .fold(0.0, f64::max)
        };
        self.push([
            ("pg_blocking_waiters", count(waits.len())),
            ("pg_blocking_longest_wait_seconds", seconds().fold(0.0, f64::max).into()),
            ("pg_blocking_waited_seconds", seconds().fold(0.0, Add::add).into()),
            ("pg_blocking_tree_depth", tree.map(|tree| tree.depth() as f64).into()),
            ("pg_blocking_worst_root_victims", tree.map(|tree| worst_root(tree) as f64).into()),
            ("pg_blocking_root_transaction_age_seconds", tree.map(transaction).into()),
            ("pg_blocking_truncated", f64::from(u8::from(tree.is_none())).into()),
        ]);
    }

    fn roots(&mut self, tree: Option<&Tree>) {
        let mut roots: BTreeMap<(Option<&str>, &str), usize> = BTreeMap::new();
        for (tree, root) in tree.iter().flat_map(|tree| tree.roots().map(move |root| (tree, root)))
        {
            let session = &tree.sessions[root];
            *roots.entry((session.datname.as_deref(), &session.kind)).or_default() += 1;
        }
        for ((datname, kind), sessions) in roots {
            self.push([
                ("datname", datname.into()),
                ("kind", kind.into()),
                ("pg_blocking_roots", count(sessions)),
            ]);
        }
    }

    fn counts(&mut self, waits: &[&Lock]) {
        for ((datname, locktype), n) in tally(waits, |wait| Some(&*wait.locktype)) {
            self.push([
                ("datname", datname.into()),
                ("locktype", locktype.into()),
                ("pg_blocking_waiters_by_locktype", count(n)),
            ]);
        }
        for ((datname, mode), n) in tally(waits, |wait| Some(wait.mode.name())) {
            self.push([
                ("datname", datname.into()),
                ("mode", mode.into()),
                ("pg_blocking_waiters_by_mode", count(n)),
            ]);
        }
        let mut relations: Vec<_> =
            tally(waits, |wait| wait.relation.as_ref()).into_iter().collect();
        relations.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        for ((datname, (schemaname, relname)), n) in relations.into_iter().take(RELATIONS) {
            self.push([
                ("datname", datname.into()),
                ("schemaname", (&**schemaname).into()),
                ("relname", (&**relname).into()),
                ("pg_blocking_waiters_by_relation", count(n)),
            ]);
        }
        let mut longest: BTreeMap<&str, f64> = BTreeMap::new();
        for wait in waits {
            if let (Some(datname), Some(seconds)) = (wait.datname.as_deref(), wait.wait_seconds) {
                let longest = longest.entry(datname).or_default();
                *longest = longest.max(seconds);
            }
        }
        for (datname, seconds) in longest {
            self.push([
                ("datname", datname.into()),
                ("pg_blocking_longest_wait_by_database_seconds", seconds.into()),
            ]);
        }
    }
}

fn count(n: usize) -> Value {
    Value::Number(n as f64)
}

/// How many wait, by database and by whatever else a wait has.
fn tally<'a, K: Ord>(
    waits: &[&'a Lock],
    key: impl Fn(&'a Lock) -> Option<K>,
) -> BTreeMap<(Option<&'a str>, K), usize> {
    let mut counts = BTreeMap::new();
    for wait in waits {
        if let Some(key) = key(wait) {
            *counts.entry((wait.datname.as_deref(), key)).or_default() += 1;
        }
    }
    counts
}

/// How many sessions would go on if the right one gave way.
///
/// Roots that block the same sessions directly have the same victims, and a
/// table with hundreds of readers has hundreds of such roots: one is enough.
fn worst_root(tree: &Tree) -> usize {
    let mut seen = HashSet::new();
    tree.roots()
        .filter(|&root| seen.insert(&tree.victims[root]))
        .map(|root| tree.victims_of(root))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
