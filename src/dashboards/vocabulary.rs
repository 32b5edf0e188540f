//! What an expression may read: every metric, with its kind, labels and interval.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::alerts::{Alerts, OUTSIDE};
use crate::catalog::{Catalog, HISTOGRAM_SUFFIXES, Kind};

/// The labels that tell servers apart.
pub const SERVER: [&str; 4] = ["job", "cluster", "instance", "target"];

/// The labels of what is about a page and not about a server on it.
const SCRAPED: [&str; 3] = ["job", "cluster", "instance"];

/// About our process, which may watch several servers: these carry no `target`.
pub const PROCESS: [(&str, Kind, &[&str]); 16] = [
    ("pg_exporter_last_scrape_duration_seconds", Kind::Gauge, &[]),
    ("pg_exporter_last_scrape_error", Kind::Gauge, &[]),
    ("pg_exporter_scrapes_total", Kind::Counter, &[]),
    ("pglens_build_info", Kind::Gauge, &["version"]),
    ("pglens_config_last_reload_success_timestamp_seconds", Kind::Gauge, &[]),
    ("pglens_config_last_reload_successful", Kind::Gauge, &[]),
    ("pglens_discovery_dropped_targets", Kind::Gauge, &["discovery"]),
    ("pglens_discovery_last_success_timestamp_seconds", Kind::Gauge, &["discovery"]),
    ("pglens_discovery_targets", Kind::Gauge, &["discovery"]),
    ("pglens_discovery_up", Kind::Gauge, &["discovery"]),
    ("process_cpu_seconds_total", Kind::Counter, &[]),
    ("process_max_fds", Kind::Gauge, &[]),
    ("process_open_fds", Kind::Gauge, &[]),
    ("process_resident_memory_bytes", Kind::Gauge, &[]),
    ("process_start_time_seconds", Kind::Gauge, &[]),
    ("process_threads", Kind::Gauge, &[]),
];

/// Labels of ALERTS beside the server's: those that our alerts keep and pages show.
const ALERT: [&str; 4] = ["alertname", "alertstate", "severity", "datname"];

/// A metric that may be read.
#[derive(Clone, Debug)]
pub struct Known {
    pub kind: Kind,
    pub labels: Vec<String>,
    /// How often its value can change, where we decide that.
    pub interval: Option<Duration>,
}

#[derive(Debug, Default)]
pub struct Vocabulary {
    metrics: BTreeMap<String, Known>,
}

impl Vocabulary {
    pub fn new(catalog: &Catalog, alerts: &Alerts) -> Self {
        let mut metrics = BTreeMap::new();
        for collector in catalog.collectors() {
            for metric in &collector.metrics {
                let own = metric.labels.iter().map(|label| collector.labels[*label].clone());
                let known = Known {
                    kind: metric.kind,
                    labels: SERVER.map(String::from).into_iter().chain(own).collect(),
                    interval: collector.is_polled().then_some(collector.interval),
                };
                // A histogram is read by its parts, which are counters.
                let parts = match metric.kind {
                    Kind::Histogram => HISTOGRAM_SUFFIXES.as_slice(),
                    _ => &[""],
                };
                for part in parts {
                    metrics.insert(format!("{}{part}", metric.name), known.clone());
                }
            }
        }
        for recording in &alerts.recordings {
            // Their names begin with what they are of.
            let database = recording.name.starts_with("database:").then_some("datname");
            let labels = SERVER.into_iter().chain(database).map(String::from).collect();
            let known = Known { kind: Kind::Gauge, labels, interval: None };
            metrics.insert(recording.name.clone(), known);
        }
        for (name, kind, own) in PROCESS {
            let labels = SCRAPED.iter().chain(own).copied().map(String::from).collect();
            metrics.insert(name.into(), Known { kind, labels, interval: None });
        }
        for (name, outside) in OUTSIDE.iter() {
            // Another exporter's series carry that exporter's instance, not ours.
            let scraped = SCRAPED.into_iter().filter(|_| outside.from == "Prometheus");
            let own = outside.labels.iter().cloned();
            let labels = scraped.map(String::from).chain(own).collect();
            let kind = if outside.kind == "counter" { Kind::Counter } else { Kind::Gauge };
            metrics.insert(name.clone(), Known { kind, labels, interval: None });
        }
        let labels = SERVER.into_iter().chain(ALERT).map(String::from).collect();
        metrics.insert("ALERTS".into(), Known { kind: Kind::Gauge, labels, interval: None });
        Self { metrics }
    }

    pub fn get(&self, name: &str) -> Option<&Known> {
        self.metrics.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_the_process_is_what_it_exposes() {
        let process = crate::process::Process::new().unwrap();
        process.discovered("main", true);
        process.discovered_targets("main", 1, 0);
        let page = process.exposition();
        for (name, kind, _) in PROCESS {
            let line = format!("# TYPE {name} {}\n", kind.as_str());
            assert!(page.contains(&line), "{line}");
        }
    }
}
