//! What an expression may read: every metric, with its kind, labels and interval.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::catalog::{Catalog, Kind};

/// The labels that tell servers apart.
pub const SERVER: [&str; 4] = ["job", "cluster", "instance", "target"];

/// About our process, which may watch several servers: these carry no `target`.
const PROCESS: [(&str, Kind); 12] = [
    ("pg_exporter_last_scrape_duration_seconds", Kind::Gauge),
    ("pg_exporter_last_scrape_error", Kind::Gauge),
    ("pg_exporter_scrapes_total", Kind::Counter),
    ("pglens_build_info", Kind::Gauge),
    ("pglens_config_last_reload_success_timestamp_seconds", Kind::Gauge),
    ("pglens_config_last_reload_successful", Kind::Gauge),
    ("process_cpu_seconds_total", Kind::Counter),
    ("process_max_fds", Kind::Gauge),
    ("process_open_fds", Kind::Gauge),
    ("process_resident_memory_bytes", Kind::Gauge),
    ("process_start_time_seconds", Kind::Gauge),
    ("process_threads", Kind::Gauge),
];

/// What Prometheus itself adds for every page that it scrapes.
const PROMETHEUS: [&str; 4] =
    ["up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added"];

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
    pub fn new(catalog: &Catalog) -> Self {
        let mut metrics = BTreeMap::new();
        for collector in catalog.collectors() {
            for metric in &collector.metrics {
                let own = metric.labels.iter().map(|label| collector.labels[*label].clone());
                let known = Known {
                    kind: metric.kind,
                    labels: SERVER.map(String::from).into_iter().chain(own).collect(),
                    interval: collector.is_polled().then_some(collector.interval),
                };
                metrics.insert(metric.name.clone(), known);
            }
        }
        let scraped = PROMETHEUS.map(|name| (name, Kind::Gauge));
        for (name, kind) in PROCESS.into_iter().chain(scraped) {
            let labels = ["job", "cluster", "instance"].map(String::from).into();
            metrics.insert(name.into(), Known { kind, labels, interval: None });
        }
        let alert = ["alertname", "alertstate", "severity", "datname"];
        let labels = SERVER.into_iter().chain(alert).map(String::from).collect();
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
        let page = crate::process::Process::new().unwrap().exposition();
        for (name, kind) in PROCESS {
            let line = format!("# TYPE {name} {}\n", kind.as_str());
            assert!(page.contains(&line), "{line}");
        }
    }
}
