//! What pglens knows about itself, as rows like any other collector's.

use std::time::{Duration, SystemTime};

use super::status::{CollectorStatus, Outcome};
use super::{Target, of_collector};
use crate::catalog::{Catalog, Collector, Software};
use crate::expose::{encode, header};
use crate::rows::{Rows, Value};

/// The page of a collector of the area `exporter`.
pub(super) fn page(
    collector: &Collector,
    catalog: &Catalog,
    targets: &[&Target],
    series_limit: usize,
) -> String {
    let encoded: Vec<_> = targets
        .iter()
        .map(|target| {
            let mut table = Table::new(collector);
            match collector.name.as_str() {
                "pglens_target" => target_rows(&mut table, target, series_limit),
                _ => collector_rows(&mut table, catalog, target),
            }
            encode(collector, &table.rows, &target.series)
        })
        .collect();

    let mut text = String::new();
    for (position, metric) in collector.metrics.iter().enumerate() {
        if encoded.iter().any(|encoded| !encoded.samples[position].is_empty()) {
            header(&mut text, &metric.name, metric.kind, &metric.help);
            encoded.iter().for_each(|encoded| text.push_str(&encoded.samples[position]));
        }
    }
    text
}

/// Rows of a declared shape, filled by column name.
struct Table {
    rows: Rows,
}

impl Table {
    fn new(collector: &Collector) -> Self {
        let metrics = collector.metrics.iter().map(|metric| metric.name.as_str());
        Self { rows: Rows::new(collector.labels.iter().map(String::as_str).chain(metrics)) }
    }

    fn row(&mut self, cells: &[(&str, Value)]) {
        let row: Vec<_> = self
            .rows
            .columns()
            .iter()
            .map(|column| {
                let cell = cells.iter().find(|(name, _)| **name == **column);
                cell.map_or(Value::Null, |(_, value)| value.clone())
            })
            .collect();
        self.rows.push(row);
    }
}

fn target_rows(table: &mut Table, target: &Target, series_limit: usize) {
    let status = &target.status;
    let series: usize = target.snapshots.values().map(|snapshot| snapshot.encoded.series).sum();
    // Unknown until the first attempt ended, and then absent.
    let up = match status.software {
        Software::PostgreSql => "pg_up",
        Software::PgBouncer => "pgbouncer_up",
    };
    table.row(&[
        (up, status.up.map(|up| if up { 1.0 } else { 0.0 }).into()),
        ("pglens_target_connections", (status.connections as f64).into()),
        ("pglens_target_series", (series as f64).into()),
        ("pglens_target_series_limit", (series_limit as f64).into()),
        (
            "pglens_target_connect_duration_seconds",
            status.connecting.map(|time| time.as_secs_f64()).into(),
        ),
    ]);
    if let (Some(false), Some(failure)) = (status.up, &status.failure) {
        table.row(&[
            ("reason", failure.reason.as_str().into()),
            ("pglens_target_failure", 1.0.into()),
        ]);
    }
    for (reason, count) in &status.failures {
        table.row(&[
            ("reason", reason.as_str().into()),
            ("pglens_target_connection_failures_total", (*count as f64).into()),
        ]);
    }
}

fn collector_rows(table: &mut Table, catalog: &Catalog, target: &Target) {
    for (position, collector) in catalog.collectors().iter().enumerate() {
        let statuses: Vec<_> =
            of_collector(&target.collectors, position).map(|(_, status)| status).collect();
        if !statuses.is_empty() {
            one_collector(table, collector, &statuses);
        }
    }
}

fn one_collector(table: &mut Table, collector: &Collector, statuses: &[&CollectorStatus]) {
    let label = ("collector", Value::from(collector.name.as_str()));
    let failed = statuses.iter().find_map(|status| match &status.outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    });
    let succeeded = statuses.iter().any(|status| matches!(status.outcome, Outcome::Success));
    // A collector that every database skips says why once; where it runs in one
    // of them, the others' reason is on the status page.
    let skipped = statuses.iter().find_map(|status| match &status.outcome {
        Outcome::Skipped(skip) if failed.is_none() && !succeeded => Some(skip),
        _ => None,
    });

    let success = match (failed, succeeded) {
        (Some(_), _) => Some(0.0),
        (None, true) => Some(1.0),
        (None, false) => None,
    };
    let seconds = |time: Duration| time.as_secs_f64();
    let of = |of: &dyn Fn(&CollectorStatus) -> Option<f64>| -> Vec<f64> {
        statuses.iter().filter_map(|status| of(status)).collect()
    };
    let longest = |values: Vec<f64>| values.into_iter().reduce(f64::max);
    let sum = |values: Vec<f64>| values.into_iter().reduce(|a, b| a + b);
    let duration = longest(of(&|status| status.duration.map(seconds)));
    let last_success = of(&|status| status.last_success.and_then(unix_seconds));
    table.row(&[
        label.clone(),
        ("pglens_collector_success", success.into()),
        ("pg_scrape_collector_success", success.into()),
        (
            "pglens_collector_last_success_timestamp_seconds",
            last_success.into_iter().reduce(f64::min).into(),
        ),
        ("pglens_collector_duration_seconds", duration.into()),
        ("pg_scrape_collector_duration_seconds", duration.into()),
        (
            "pglens_collector_interval_seconds",
            longest(of(&|status| status.interval.map(seconds))).into(),
        ),
        ("pglens_collector_rows", sum(of(&|status| status.rows.map(|rows| rows as f64))).into()),
        (
            "pglens_collector_series",
            sum(of(&|status| status.series.map(|series| series as f64))).into(),
        ),
        (
            "pglens_collector_folded_rows",
            sum(of(&|status| status.folded.map(|folded| folded as f64))).into(),
        ),
    ]);
    if let Some(failure) = failed {
        table.row(&[
            label.clone(),
            ("reason", failure.reason.as_str().into()),
            ("sqlstate_class", failure.sqlstate_class().into()),
            ("pglens_collector_failure", 1.0.into()),
        ]);
    }
    if let Some(skip) = skipped {
        table.row(&[
            label.clone(),
            ("because", skip.because().into()),
            ("pglens_collector_skipped", 1.0.into()),
        ]);
    }
    counters(table, &label, collector.max_rows > 1, statuses);
}

fn counters(
    table: &mut Table,
    label: &(&str, Value),
    has_cap: bool,
    statuses: &[&CollectorStatus],
) {
    let mut failures = std::collections::BTreeMap::new();
    for (reason, count) in statuses.iter().flat_map(|status| &status.failures) {
        *failures.entry(*reason).or_insert(0) += count;
    }
    for (reason, count) in failures {
        table.row(&[
            label.clone(),
            ("reason", reason.as_str().into()),
            ("pglens_collector_failures_total", (count as f64).into()),
        ]);
    }
    let sum =
        |of: fn(&CollectorStatus) -> u64| statuses.iter().map(|status| of(status)).sum::<u64>();
    for (because, count) in [
        ("cap", sum(|status| status.dropped_by_cap)),
        ("duplicate", sum(|status| status.dropped_as_duplicate)),
        ("invalid", sum(|status| status.dropped_as_invalid)),
    ] {
        // The cap of many rows is expected to be met one day; all else is a defect
        // that needs no series of its own while it does not happen.
        if count == 0 && !(because == "cap" && has_cap) {
            continue;
        }
        table.row(&[
            label.clone(),
            ("because", because.into()),
            ("pglens_collector_dropped_total", (count as f64).into()),
        ]);
    }
}

fn unix_seconds(time: SystemTime) -> Option<f64> {
    time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs_f64())
}
