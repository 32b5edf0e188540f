//! How looking for servers goes, by section of the configuration.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::{GaugeVec, IntGaugeVec, Opts, Registry};

const LABELS: [&str; 1] = ["discovery"];

pub struct Discovery {
    up: IntGaugeVec,
    last_success: GaugeVec,
    targets: IntGaugeVec,
    dropped: IntGaugeVec,
}

impl Discovery {
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let whole = |name: &str, help: &str| {
            let family = IntGaugeVec::new(Opts::new(name, help), &LABELS)?;
            registry.register(Box::new(family.clone()))?;
            Ok::<_, prometheus::Error>(family)
        };
        let up = whole(
            "pglens_discovery_up",
            "1 if the list of servers could be had when it was last asked for, else 0: then \
             those that are known stay.",
        )?;
        let targets = whole(
            "pglens_discovery_targets",
            "Servers that are watched because they were found, those that left lately included.",
        )?;
        let dropped = whole(
            "pglens_discovery_dropped_targets",
            "Servers that were found and are not watched, because they are more than max_targets.",
        )?;
        let last_success = GaugeVec::new(
            Opts::new(
                "pglens_discovery_last_success_timestamp_seconds",
                "When the list of servers was last had.",
            ),
            &LABELS,
        )?;
        registry.register(Box::new(last_success.clone()))?;
        Ok(Self { up, last_success, targets, dropped })
    }

    pub fn looked(&self, section: &str, successfully: bool) {
        self.up.with_label_values(&[section]).set(i64::from(successfully));
        if let (true, Ok(now)) = (successfully, SystemTime::now().duration_since(UNIX_EPOCH)) {
            self.last_success.with_label_values(&[section]).set(now.as_secs_f64());
        }
    }

    pub fn found(&self, section: &str, watched: usize, dropped: usize) {
        let count = |count| i64::try_from(count).unwrap_or(i64::MAX);
        self.targets.with_label_values(&[section]).set(count(watched));
        self.dropped.with_label_values(&[section]).set(count(dropped));
    }

    pub fn forget(&self, section: &str) {
        // Where there is no series, there is nothing to forget.
        let _ = self.up.remove_label_values(&[section]);
        let _ = self.last_success.remove_label_values(&[section]);
        let _ = self.targets.remove_label_values(&[section]);
        let _ = self.dropped.remove_label_values(&[section]);
    }
}
