//! The alert rules: what is committed is what the source says, and the source is
//! sound. PromQL is judged here, promtool has the last word in `.ci/run`.

#[path = "alerts/cases.rs"]
mod cases;
#[path = "alerts/deploy.rs"]
mod deploy;
#[path = "alerts/promql.rs"]
mod promql;
#[path = "alerts/rules.rs"]
mod rules;
#[path = "alerts/vocabulary.rs"]
mod vocabulary;

use std::collections::HashSet;
use std::path::Path;

use pglens::alerts::{
    Alert, Alerts, Links, OUTSIDE, PROOFS, Severity, files, kubernetes, markdown,
};
use vocabulary::Vocabulary;

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

#[cfg(feature = "lab")]
#[test]
fn every_scenario_and_dashboard_is_known() {
    for alert in builtin().alerts() {
        let name = &alert.name;
        if let Some(scenario) = &alert.scenario {
            let found = pglens::lab::scenarios::find(scenario);
            let fires = found.is_ok_and(|found| found.alerts.contains(&name.as_str()));
            assert!(fires, "{name}: scenario {scenario} does not say that it fires");
        }
        let dashboard = format!("dashboards/{}.json", alert.dashboard);
        assert!(!committed(&dashboard).is_empty(), "{name}: there is no {dashboard}");
    }
    for scenario in pglens::lab::scenarios::ALL {
        for name in scenario.alerts {
            assert!(builtin().alert(name).is_some(), "{}: no alert {name}", scenario.name);
        }
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

#[test]
fn what_a_scenario_makes_fire_has_fired() {
    let proven: HashSet<_> = PROOFS.iter().map(|proof| proof.alert.as_str()).collect();
    for alert in builtin().alerts().filter(|alert| alert.scenario.is_some()) {
        let name = alert.name.as_str();
        assert!(proven.contains(name), "{name}: play its scenario");
    }
}

#[test]
fn every_alert_reads_what_there_is_and_can_fire_for_a_reason_only() {
    let alerts = builtin();
    let known = Vocabulary::new(&alerts);
    let problems: Vec<_> = alerts
        .alerts()
        .filter_map(|alert| {
            let problem = rules::judge(alert, &alerts, &known).err()?;
            Some(format!("{}: {problem}", alert.name))
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What public rule sets got wrong, on our metrics: each is refused.
#[test]
fn the_proven_defects_of_public_rules_are_refused() {
    let alerts = builtin();
    let known = Vocabulary::new(&alerts);
    let sound = alerts.alert("PostgresDeadlocks").unwrap();
    for (expr, because) in [
        (
            "timestamp(pg_stat_user_tables_last_autovacuum) < time() - 1",
            "timestamp() of a sample is never old",
        ),
        ("rate(pg_activity_oldest_transaction_seconds[5m]) > 1", "a gauge"),
        (
            "pg_stat_database_blks_hit / (pg_stat_database_blks_hit + pg_stat_database_blks_read) < 1",
            "is a counter, and is compared as it is",
        ),
        ("pg_stat_database_deadlocks > 1", "is a counter, and is compared as it is"),
        (
            "sum by (cluster, job, instance, target) (pg_locks_count{mode=\"exclusivelock\"}) > 1",
            "who waits may wait in any mode",
        ),
        ("pg_stat_replication_senders{slot_name=\"a\"} == 0", "there is no label slot_name"),
        (
            "count by (cluster, job, instance, target) (pg_replication_is_replica == 0) != 1",
            "a count of nothing is not 0 but absent",
        ),
        ("changes(pg_replication_is_replica[30s]) > 0", "holds less than four samples"),
        ("rate(pg_stat_database_xact_commit[5m]) < 1", "a low rate needs a floor"),
        (
            "rate(pg_stat_database_xact_rollback[5m]) / rate(pg_stat_database_xact_commit[5m]) > 1",
            "a ratio needs a floor",
        ),
        ("predict_linear(pg_database_size_bytes[6h], 1) > 1", "a forecast needs a floor"),
        ("pg_nonsense > 1", "nobody makes pg_nonsense"),
        ("pg_connections_used", "it compares nothing"),
        ("pg_connections_used > 80", "80 is a value without a name"),
        ("sum(pg_connections_used) > 1", "say by which labels"),
        ("sum by (job, datname) (pg_connections_database_used) > 1", "labels of a server are lost"),
        ("pg_connections_database_used > pg_connections_used", "different labels and match never"),
        (
            "pg_connections_database_used > on (job, instance) group_left () pg_connections_used",
            "a server is matched without all of its labels",
        ),
    ] {
        let mut alert: Alert = sound.clone();
        (alert.expr, alert.what) = (expr.into(), "Nothing.".into());
        let said = rules::judge(&alert, &alerts, &known).unwrap_err();
        assert!(said.contains(because), "{expr}: {said}");
    }
}

#[test]
fn every_alert_has_its_three_cases() {
    let cases = cases::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/tests"));
    let alerts = builtin();
    for alert in alerts.alerts().filter(|alert| alert.severity != Severity::None) {
        let lacking = match cases.get(&alert.name) {
            Some(cases) => cases.lacking(),
            None => Some("no unit test"),
        };
        assert_eq!(lacking, None, "{}", alert.name);
    }
    for name in cases.keys() {
        assert!(alerts.alert(name).is_some(), "{name} is tested and no alert");
    }
}

#[test]
fn the_examples_for_prometheus_and_alertmanager_know_every_rule() {
    let alerts = builtin();
    deploy::inhibitions(&alerts);
    deploy::rule_files(&alerts);
}

/// From the moment that there are runbooks.
#[test]
fn every_alert_has_its_runbook_and_every_runbook_its_alert() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbooks");
    let Ok(entries) = folder.read_dir() else { return };
    let written: HashSet<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .filter(|name| name.starts_with("Postgres"))
        .collect();
    let declared: HashSet<_> = builtin().alerts().map(|alert| alert.name.clone()).collect();
    let lacking: Vec<_> = declared.symmetric_difference(&written).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}
