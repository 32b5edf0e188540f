//! The examples in `deploy/` say of the rules what is so.

use pglens::alerts::{Alerts, Links, files};
use serde::Deserialize;

use crate::committed;

#[derive(Deserialize)]
struct Alertmanager {
    inhibit_rules: Vec<Inhibition>,
}

#[derive(Deserialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: Vec<String>,
}

impl Inhibition {
    fn is_of(&self, source: &str, target: &str) -> bool {
        let is = |matchers: &[String], name: &str| *matchers == [format!("alertname=\"{name}\"")];
        is(&self.source_matchers, source) && is(&self.target_matchers, target)
    }
}

/// Every alert that says less than another is silent while that one fires.
pub fn inhibitions(alerts: &Alerts) {
    let config: Alertmanager =
        serde_saphyr::from_str(&committed("deploy/alertmanager/alertmanager.yml")).unwrap();
    for alert in alerts.alerts() {
        for stronger in &alert.inhibited_by {
            let found = config.inhibit_rules.iter().find(|rule| rule.is_of(stronger, &alert.name));
            let rule =
                found.unwrap_or_else(|| panic!("{stronger} does not inhibit {}", alert.name));
            assert!(rule.equal.contains(&"instance".to_owned()), "{}: of any server", alert.name);
        }
    }
    let twins: usize = alerts.alerts().map(|alert| alert.inhibited_by.len()).sum();
    assert_eq!(config.inhibit_rules.len(), twins + 3, "an inhibition that no alert declares");
}

/// The example loads every file of rules but the optional and the course's.
pub fn rule_files(alerts: &Alerts) {
    let config = committed("deploy/prometheus/prometheus.yml");
    for file in files(alerts, &Links::default()).unwrap() {
        let extra = ["optional.yml", "course.yml"].contains(&file.name.as_str());
        let is_there = config.contains(&format!("- ../../alerts/{}", file.name));
        assert!(is_there != extra, "deploy/prometheus/prometheus.yml: {}", file.name);
    }
}
