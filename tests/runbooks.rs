//! The runbooks without a server: one for each alert, all of the same shape, and
//! what they repeat of the alert is what the alert says. Their SQL is run by
//! `tests/integration/runbooks.rs`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pglens::alerts::{Alert, Alerts};
use pglens::lessons::{self, DEFAULT_BASE};
use regex_lite::Regex;

const SECTIONS: [&str; 8] = [
    "Meaning",
    "Impact",
    "Diagnosis",
    "Mitigation",
    "Tuning and silencing",
    "Lesson",
    "Lab",
    "Related alerts",
];

fn alerts() -> Alerts {
    Alerts::builtin().unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbooks")
}

fn runbook(alert: &str) -> String {
    let path = folder().join(format!("{alert}.md"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text below a heading.
fn section<'a>(runbook: &'a str, heading: &str) -> &'a str {
    let (_, after) = runbook.split_once(&format!("\n## {heading}\n")).unwrap_or_default();
    after.split("\n## ").next().unwrap_or_default()
}

/// Lines may be broken anywhere.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let files: BTreeSet<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let alerts = alerts();
    let wanted: BTreeSet<_> = alerts.alerts().map(|alert| format!("{}.md", alert.name)).collect();
    let missing: Vec<_> = wanted.difference(&files).collect();
    let orphans: Vec<_> = files.difference(&wanted).collect();
    assert!(missing.is_empty() && orphans.is_empty(), "missing {missing:?}, orphans {orphans:?}");
}

#[test]
fn every_runbook_has_the_same_sections_with_something_in_them() {
    for alert in alerts().alerts() {
        let (name, text) = (&alert.name, runbook(&alert.name));
        let headings: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, SECTIONS, "{name}");
        for heading in SECTIONS {
            assert!(!section(&text, heading).trim().is_empty(), "{name}: {heading}");
        }
        let optional = if alert.optional { " · optional" } else { "" };
        let head = format!("# {name} *{}*{optional}: {}.", alert.severity.as_str(), alert.summary);
        assert!(one_line(&text).starts_with(&head), "{name} does not begin with: {head}");
        let diagnosis = section(&text, "Diagnosis");
        assert!(diagnosis.contains("```sql\n"), "{name}: nothing to ask the server");
    }
}

#[test]
fn a_runbook_leads_to_the_lesson_and_the_scenario_of_its_alert() {
    for alert in alerts().alerts() {
        let (name, text) = (&alert.name, runbook(&alert.name));
        let lesson = section(&text, "Lesson");
        let address = lessons::address(DEFAULT_BASE, &alert.lesson);
        let link = format!("[{}]({address})", lessons::title(&alert.lesson));
        assert!(lesson.contains(&link), "{name}: {link}");
        if let Some(page) = &alert.mechanism {
            let address = lessons::mechanism_address(DEFAULT_BASE, page);
            let link = format!("[{}]({address})", lessons::mechanism(page).unwrap());
            assert!(lesson.contains(&link), "{name}: {link}");
        }
        let lab = one_line(section(&text, "Lab"));
        let wanted = match (&alert.scenario, &alert.unprovoked) {
            (Some(scenario), _) => format!("`pglens lab run {scenario}`"),
            (None, reason) => one_line(reason.as_deref().unwrap_or_default()),
        };
        assert!(lab.contains(&wanted), "{name}: {wanted}");
    }
}

/// The value itself stays in thresholds.toml.
#[test]
fn what_can_be_tuned_is_named() {
    let alerts = alerts();
    let used = |alert: &Alert, name: &str| alert.expr.contains(&format!("{{{name}}}"));
    for alert in alerts.alerts() {
        let text = runbook(&alert.name);
        let tuning = section(&text, "Tuning and silencing");
        for name in alerts.thresholds.keys().filter(|name| used(alert, name)) {
            assert!(tuning.contains(&format!("`{name}`")), "{}: {name}", alert.name);
        }
        let silence = format!("alertname={}", alert.name);
        let watchdog = alert.name == "PostgresMonitoringWatchdog";
        assert!(watchdog != tuning.contains(&silence), "{}: {silence}", alert.name);
    }
}

#[test]
fn every_alert_that_is_named_is_one() {
    let alerts = alerts();
    let name = Regex::new(r"\bPostgres[A-Z][A-Za-z]+\b").unwrap();
    let link = Regex::new(r"\[(Postgres\w+)\]\((\w+)\.md\)").unwrap();
    for alert in alerts.alerts() {
        let text = runbook(&alert.name);
        for found in name.find_iter(&text) {
            let named = found.as_str();
            assert!(alerts.alert(named).is_some(), "{}: there is no {named}", alert.name);
        }
        for found in link.captures_iter(section(&text, "Related alerts")) {
            assert_eq!(found[1], found[2], "{}", alert.name);
            assert_ne!(found[1], alert.name, "it is related to itself");
        }
    }
}
