//! The last minutes of a few key figures, for the status page.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::Database;
use crate::catalog::{Area, Collector};
use crate::rows::Rows;

/// How much is remembered, and how finely at most.
const SPAN: Duration = Duration::from_secs(600);
const POINTS: usize = 120;

/// One number that tells how an area does.
#[derive(Debug)]
pub struct Figure {
    pub area: Area,
    pub title: &'static str,
    pub unit: Unit,
    pub reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    Count,
    PerSecond,
    Bytes,
    BytesPerSecond,
    Seconds,
    Ratio,
}

/// How a figure is read off metrics; the values of a metric's series are folded first.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    Now(&'static str, Fold),
    /// Growth of a counter, in a second.
    Rate(&'static str),
    /// Growth of the first counter as a share of both.
    Share(&'static str, &'static str),
}

#[derive(Clone, Copy, Debug)]
pub enum Fold {
    Sum,
    Max,
}

use Fold::{Max, Sum};
use Reading::{Now, Rate, Share};

/// Two or three figures of each core area, in the order of the page.
pub const FIGURES: &[Figure] = &[
    figure(Area::Activity, "Client connections", Unit::Count, Now("pg_connections_used", Max)),
    figure(Area::Activity, "Commits", Unit::PerSecond, Rate("pg_stat_database_xact_commit")),
    figure(
        Area::BufferCache,
        "Cache hit ratio",
        Unit::Ratio,
        Share("pg_stat_database_blks_hit", "pg_stat_database_blks_read"),
    ),
    figure(Area::BufferCache, "Blocks read", Unit::PerSecond, Rate("pg_stat_database_blks_read")),
    figure(Area::Wal, "WAL written", Unit::BytesPerSecond, Rate("pg_wal_position_bytes_total")),
    figure(Area::Wal, "pg_wal directory", Unit::Bytes, Now("pg_wal_size_bytes", Sum)),
    figure(Area::Locks, "Blocked sessions", Unit::Count, Now("pg_blocking_waiters", Max)),
    figure(
        Area::Locks,
        "Longest wait for a lock",
        Unit::Seconds,
        Now("pg_blocking_longest_wait_seconds", Max),
    ),
    figure(Area::Bloat, "Dead rows", Unit::Count, Now("pg_stat_user_tables_n_dead_tup", Sum)),
    figure(Area::Bloat, "Wasted by table bloat", Unit::Bytes, Now("pg_table_bloat_bytes", Sum)),
    figure(Area::Replication, "Replay lag", Unit::Seconds, Now("pg_replication_lag_seconds", Max)),
    figure(
        Area::Replication,
        "Replicas' lag",
        Unit::Bytes,
        Now("pg_stat_replication_replay_lag_bytes", Max),
    ),
];

const fn figure(area: Area, title: &'static str, unit: Unit, reading: Reading) -> Figure {
    Figure { area, title, unit, reading }
}

impl Figure {
    /// The metrics that it reads.
    pub fn metrics(&self) -> impl Iterator<Item = &'static str> {
        self.reading.metrics().into_iter().flatten().map(|(metric, _)| metric)
    }
}

impl Reading {
    fn metrics(self) -> [Option<(&'static str, Fold)>; 2] {
        match self {
            Now(metric, fold) => [Some((metric, fold)), None],
            Rate(metric) => [Some((metric, Sum)), None],
            Share(one, other) => [Some((one, Sum)), Some((other, Sum))],
        }
    }
}

type Points = VecDeque<(Instant, f64)>;

/// What was seen of the metrics that figures read, by metric and database.
#[derive(Debug, Default)]
pub struct History {
    seen: HashMap<&'static str, HashMap<Database, Points>>,
}

impl History {
    pub(super) fn record(
        &mut self,
        now: Instant,
        collector: &Collector,
        database: &Database,
        rows: &Rows,
    ) {
        let read = FIGURES.iter().flat_map(|figure| figure.reading.metrics()).flatten();
        for (metric, fold) in read {
            if !collector.metrics.iter().any(|declared| declared.name == metric) {
                continue;
            }
            let Ok(column) = rows.column(metric) else { continue };
            let values = rows.iter().filter_map(|row| row.number(column));
            let folded = match fold {
                Sum => values.reduce(|a, b| a + b),
                Max => values.reduce(f64::max),
            };
            let Some(value) = folded else { continue };
            let points = self.seen.entry(metric).or_default().entry(database.clone()).or_default();
            // Two figures may read one metric; it is kept once.
            if points.back().is_some_and(|(at, _)| *at == now) {
                continue;
            }
            points.push_back((now, value));
            while points.len() > POINTS || points.front().is_some_and(|(at, _)| now - *at > SPAN) {
                points.pop_front();
            }
        }
    }

    /// A figure's course, oldest first; empty where nothing is known. Databases
    /// are added up, at the pace of the one that was asked most often.
    pub fn course(&self, figure: &Figure) -> Vec<f64> {
        match figure.reading {
            Now(metric, _) => self.total(metric).into_iter().map(|(_, value)| value).collect(),
            Rate(metric) => growth(&self.total(metric)).map(|(time, by)| by / time).collect(),
            Share(one, other) => {
                let (one, other) = (self.total(one), self.total(other));
                growth(&one)
                    .zip(growth(&other))
                    .filter(|((_, one), (_, other))| one + other > 0.0)
                    .map(|((_, one), (_, other))| one / (one + other))
                    .collect()
            }
        }
    }

    fn total(&self, metric: &str) -> Vec<(Instant, f64)> {
        let Some(databases) = self.seen.get(metric) else { return Vec::new() };
        let Some(finest) = databases.values().max_by_key(|points| points.len()) else {
            return Vec::new();
        };
        let value_at = |points: &Points, at: Instant| {
            points.iter().rev().find(|(seen, _)| *seen <= at).map(|(_, value)| *value)
        };
        finest
            .iter()
            .map(|(at, _)| {
                let sum = databases.values().filter_map(|points| value_at(points, *at)).sum();
                (*at, sum)
            })
            .collect()
    }
}

/// Seconds and growth between neighbours; a counter that was reset grew by nothing.
fn growth(points: &[(Instant, f64)]) -> impl Iterator<Item = (f64, f64)> {
    points.windows(2).filter_map(|pair| {
        let ((before, was), (after, is)) = (pair[0], pair[1]);
        let time = (after - before).as_secs_f64();
        (time > 0.0 && is >= was).then_some((time, is - was))
    })
}
