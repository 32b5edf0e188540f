//! Every series that a rule may read: the catalogue's, those of recording rules, and
//! those that others make.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use pglens::alerts::{Alerts, OUTSIDE, SERVER};
use pglens::catalog::{Catalog, Kind};
use pglens::dashboards::PROCESS;
use promql_parser::parser::parse;

use crate::promql;

pub type Labels = BTreeSet<String>;

pub struct Series {
    pub is_counter: bool,
    pub labels: Labels,
    /// How often it is new.
    pub interval: Duration,
}

pub struct Vocabulary {
    series: HashMap<String, Series>,
}

/// The labels that tell servers apart.
pub fn server() -> Labels {
    SERVER.split(", ").map(str::to_owned).collect()
}

impl Vocabulary {
    pub fn new(alerts: &Alerts) -> Self {
        let mut series = HashMap::new();
        let catalog = Catalog::builtin().unwrap();
        for collector in catalog.collectors() {
            for metric in &collector.metrics {
                let own = metric.labels.iter().map(|label| collector.labels[*label].clone());
                let labels: Labels = server().into_iter().chain(own).collect();
                let interval = collector.interval;
                let add = |series: &mut HashMap<_, _>, name: String, is_counter, labels| {
                    series.insert(name, Series { is_counter, labels, interval });
                };
                match metric.kind {
                    Kind::Histogram => {
                        let buckets = labels.iter().cloned().chain(["le".to_owned()]).collect();
                        add(&mut series, format!("{}_bucket", metric.name), true, buckets);
                        add(&mut series, format!("{}_sum", metric.name), true, labels.clone());
                        add(&mut series, format!("{}_count", metric.name), true, labels);
                    }
                    kind => {
                        add(&mut series, metric.name.clone(), kind == Kind::Counter, labels);
                    }
                }
            }
        }
        for (name, kind, own) in PROCESS {
            let labels = server().into_iter().chain(own.iter().map(|own| (*own).into())).collect();
            let (is_counter, interval) = (kind == Kind::Counter, Duration::ZERO);
            series.insert(name.into(), Series { is_counter, labels, interval });
        }
        for (name, outside) in OUTSIDE.iter() {
            let labels = server().into_iter().chain(outside.labels.iter().cloned()).collect();
            let (is_counter, interval) = (outside.kind == "counter", Duration::ZERO);
            series.insert(name.clone(), Series { is_counter, labels, interval });
        }
        let mut vocabulary = Self { series };
        for recording in &alerts.recordings {
            let expr = parse(&alerts.expression(&recording.expr).unwrap()).unwrap();
            let labels = promql::labels(&expr, &vocabulary).unwrap();
            let interval = Duration::ZERO;
            vocabulary
                .series
                .insert(recording.name.clone(), Series { is_counter: false, labels, interval });
        }
        vocabulary
    }

    pub fn series(&self, name: &str) -> Result<&Series, String> {
        self.series.get(name).ok_or_else(|| format!("nobody makes {name}"))
    }
}
