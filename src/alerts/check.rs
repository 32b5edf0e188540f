//! What must hold for the rules, as far as it can be told without PromQL's grammar.

use std::collections::HashSet;
use std::time::Duration;

use super::{Alert, Alerts, Severity, placeholder};
use crate::catalog::Problem;
use crate::lessons;

/// Rules have to work with scrapes that far apart; more often is always fine.
const SCRAPE: Duration = Duration::from_secs(15);
const LONGEST_SUMMARY: usize = 80;

pub(super) fn all(alerts: &Alerts) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    for area in &alerts.areas {
        let file = format!("{}.toml", area.name);
        for alert in &area.alerts {
            let mut said = one(alerts, alert);
            if !names.insert(alert.name.as_str()) {
                said.push("is declared twice".into());
            }
            let problem = |message| Problem::new(&file, format!("{}: {message}", alert.name));
            problems.extend(said.into_iter().map(problem));
        }
    }
    for recording in &alerts.recordings {
        let problem =
            |message| Problem::new("recording.toml", format!("{}: {message}", recording.name));
        problems.extend(alerts.expression(&recording.expr).err().map(problem));
        if !is_recording_name(&recording.name) {
            problems.push(problem("is not level:metric:operation".into()));
        }
    }
    problems.extend(thresholds(alerts));
    problems
}

fn one(alerts: &Alerts, alert: &Alert) -> Vec<String> {
    let mut problems = Vec::new();
    let mut require = |holds: bool, message: String| {
        if !holds {
            problems.push(message);
        }
    };

    let name = alert.name.strip_prefix("Postgres");
    require(
        name.is_some_and(|name| {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(|c| c.is_ascii_alphanumeric())
        }),
        "a name is CamelCase and begins with Postgres".into(),
    );
    require(
        lessons::section(&alert.lesson).is_some(),
        format!("lesson \"{}\" is not in the lesson table", alert.lesson),
    );
    if let Some(page) = &alert.mechanism {
        require(
            lessons::mechanism(page).is_some(),
            format!("mechanism \"{page}\" is not in the lesson table"),
        );
    }
    require(
        alert.holds.is_zero() || alert.holds >= 2 * SCRAPE,
        format!("for is below two scrapes of {}s", SCRAPE.as_secs()),
    );
    require(
        alert.scenario.is_some() != alert.unprovoked.is_some(),
        "either a scenario makes it fire, or unprovoked says why none can".into(),
    );
    require(
        (alert.severity == Severity::None) == (alert.name == "PostgresMonitoringWatchdog"),
        "severity none is the watchdog's".into(),
    );
    require(
        alert.severity != Severity::Critical || alert.holds <= Duration::from_secs(3600),
        "a page that waits for more than an hour is none".into(),
    );
    require(
        alert.summary.chars().count() <= LONGEST_SUMMARY
            && !alert.summary.contains("$value")
            && !alert.summary.ends_with('.'),
        format!("summary is one line of at most {LONGEST_SUMMARY} characters, without the value"),
    );
    for (key, text) in [
        ("what", &alert.what),
        ("impact", &alert.impact),
        ("first", &alert.first),
        ("false_alarm", &alert.false_alarm),
    ] {
        require(text.trim_end().ends_with(['.', ';']), format!("{key} is a sentence"));
        require(
            !text.contains("$value") || text.contains("$value | humanize"),
            format!("{key} shows a value without humanize"),
        );
        require(alerts.sentence(text).is_ok(), format!("{key}: {:?}", alerts.sentence(text)));
    }
    for stronger in &alert.inhibited_by {
        require(
            alerts.alert(stronger).is_some_and(|other| other.severity == Severity::Critical),
            format!("inhibited_by \"{stronger}\", which is no critical alert"),
        );
    }
    problems.extend(alerts.expression(&alert.expr).err());
    problems
}

fn thresholds(alerts: &Alerts) -> Vec<Problem> {
    let rules = alerts.alerts().map(|alert| &alert.expr);
    let used: HashSet<String> = rules
        .chain(alerts.recordings.iter().map(|recording| &recording.expr))
        .flat_map(|expr| placeholder::names(expr))
        .collect();
    let mut problems = Vec::new();
    for (name, threshold) in &alerts.thresholds {
        let mut say = |message: &str| {
            problems.push(Problem::new("thresholds.toml", format!("{name}: {message}")));
        };
        if !used.contains(name) {
            say("no rule compares with it");
        }
        if threshold.lesson.as_ref().is_some_and(|lesson| lessons::section(lesson).is_none()) {
            say("its lesson is not in the lesson table");
        }
        if !threshold.why.ends_with('.') {
            say("why is a sentence");
        }
    }
    problems
}

fn is_recording_name(name: &str) -> bool {
    let parts: Vec<_> = name.split(':').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty())
}
