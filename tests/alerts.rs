//! The alert rules: what is committed is what the source says, and the source is
//! sound. PromQL is judged here, promtool has the last word in `.ci/run`.

use std::collections::HashSet;
use std::path::Path;

use pglens::alerts::{Alerts, Links, OUTSIDE, PROOFS, files, kubernetes, markdown};

fn builtin() -> Alerts {
    Alerts::builtin().unwrap_or_else(|problems| {
        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", said.join("\n"))
    })
}

fn committed(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

#[test]
fn what_is_committed_is_what_the_source_says() {
    let (alerts, links) = (builtin(), Links::default());
    let rules = "cargo run -- alerts --out alerts";
    let manifest =
        "cargo run -- alerts --format kubernetes > deploy/kubernetes/prometheusrule.yaml";
    let reference = "cargo run -- alerts --format markdown > docs/alerts.md";

    for file in files(&alerts, &links).unwrap() {
        assert!(committed(&format!("alerts/{}", file.name)) == file.text, "run: {rules}");
    }
    let expected = kubernetes(&alerts, &links, false).unwrap();
    assert!(committed("deploy/kubernetes/prometheusrule.yaml") == expected, "run: {manifest}");
    assert!(committed("docs/alerts.md") == markdown(&alerts, &links).unwrap(), "run: {reference}");
}

/// No file of rules is left over from an area that is no more.
#[test]
fn every_committed_rule_file_has_a_source() {
    let made: HashSet<_> =
        files(&builtin(), &Links::default()).unwrap().into_iter().map(|file| file.name).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts");
    for entry in folder.read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.ends_with(".yml") || made.contains(&name), "alerts/{name} has no source");
    }
}

/// Scenarios that are agreed upon and being written.
const SCENARIOS_TO_COME: [&str; 59] = [
    "connections-used-up",
    "connections-leaking",
    "connection-churn",
    "sessions-ending-abnormally",
    "long-transaction",
    "long-running-query",
    "load-saturated",
    "ddl-queue",
    "row-lock-pile-up",
    "deadlocks",
    "orphaned-prepared-transaction",
    "lock-table-near-full",
    "xmin-held-by-backend",
    "dead-tuples",
    "vacuum-overdue",
    "autovacuum-saturated",
    "stale-statistics",
    "table-bloat",
    "index-bloat",
    "transaction-id-age",
    "transaction-id-burn",
    "multixact-age",
    "invalid-index",
    "sequence-near-its-end",
    "replica-lag-paused-replay",
    "replica-lag-dead-receiver",
    "replica-lag-cut-network",
    "replica-lag-bytes",
    "sync-standby-missing",
    "slot-inactive",
    "slot-about-to-be-lost",
    "slot-lost",
    "recovery-conflicts",
    "two-primaries",
    "no-primary",
    "logical-apply-error",
    "archiver-failing",
    "archive-stale",
    "wal-growing",
    "wal-rate-spike",
    "checkpoint-storm",
    "backend-fsync",
    "low-cache-hit-ratio",
    "temp-file-spill",
    "slow-statement",
    "rollback-storm",
    "statements-evicted",
    "checksum-failure",
    "restart-loop",
    "postgres-gone",
    "pending-restart",
    "broken-configuration-file",
    "unsafe-setting",
    "logging-blind",
    "collector-denied",
    "collector-blocked",
    "series-capped",
    "slow-connect",
    "exporter-gone",
];

/// Dashboards, by uid.
const DASHBOARDS: [&str; 14] = [
    "pg-fleet",
    "pg-cluster",
    "pg-instance",
    "pg-activity",
    "pg-database",
    "pg-tables",
    "pg-indexes",
    "pg-vacuum",
    "pg-queries",
    "pg-query",
    "pg-wal-io",
    "pg-troubleshooting",
    "pg-logs-config",
    "pg-exporter",
];

#[cfg(feature = "lab")]
#[test]
fn every_scenario_and_dashboard_is_known() {
    let landed = pglens::lab::scenarios::ALL.iter().map(|scenario| scenario.name);
    let scenarios: HashSet<_> = landed.chain(SCENARIOS_TO_COME).collect();
    for alert in builtin().alerts() {
        let name = &alert.name;
        if let Some(scenario) = &alert.scenario {
            assert!(scenarios.contains(scenario.as_str()), "{name}: no scenario {scenario}");
        }
        let dashboard = alert.dashboard.as_str();
        assert!(DASHBOARDS.contains(&dashboard), "{name}: no dashboard {dashboard}");
    }
}

#[test]
fn what_was_proven_is_still_declared() {
    let alerts = builtin();
    for proof in PROOFS.iter() {
        let alert = alerts.alert(&proof.alert);
        assert!(alert.is_some_and(|alert| alert.unprovoked.is_none()), "{}", proof.alert);
        for threshold in proof.thresholds.keys() {
            assert!(alerts.thresholds.contains_key(threshold), "{}: {threshold}", proof.alert);
        }
    }
    assert!(OUTSIDE.values().all(|series| ["counter", "gauge"].contains(&series.kind.as_str())));
}
