//! What panels read and lead to is there: metrics and labels are declared, counters
//! are read as counters, links resolve, lessons are covered, alerts have panels.

use std::collections::BTreeSet;
use std::time::Duration;

use pglens::catalog::Kind;
use pglens::lessons;
use serde_json::Value;

use crate::pages::{
    alerts, catalog, label_values, labels, made, panels, parse, selectors, targets, variables,
    vocabulary,
};

/// Labels that Prometheus, the user or a rule's label_replace sets.
const OF_PROMETHEUS: [&str; 5] = ["job", "instance", "cluster", "le", "host"];

#[test]
fn every_metric_and_label_that_is_read_is_declared() {
    let vocabulary = vocabulary();
    for dashboard in made() {
        let in_variables = variables(&dashboard.json).map(|variable| label_values(variable).0);
        let of_panels = panels(&dashboard.json).into_iter().flat_map(targets);
        let events = dashboard.json["annotations"]["list"].as_array().unwrap();
        let of_events = events.iter().filter_map(|event| event["expr"].as_str());
        for written in in_variables.chain(of_panels).chain(of_events) {
            let expr = parse(written).unwrap_or_else(|error| panic!("{error}: {written}"));
            let mut known_labels: BTreeSet<_> = OF_PROMETHEUS.map(String::from).into();
            for selector in selectors(&expr) {
                let metric = selector.metric();
                let known = vocabulary
                    .get(metric)
                    .unwrap_or_else(|| panic!("{}: {metric} is not declared", dashboard.uid));
                known_labels.extend(known.labels.iter().cloned());
            }
            for label in labels(&expr) {
                assert!(known_labels.contains(&label), "{}: {label} in {written}", dashboard.uid);
            }
        }
    }
}

#[test]
fn counters_are_read_as_counters_and_nothing_else_is() {
    let vocabulary = vocabulary();
    for dashboard in made() {
        for panel in panels(&dashboard.json) {
            for written in targets(panel) {
                let expr = parse(written).unwrap();
                for selector in selectors(&expr) {
                    let Some(known) = vocabulary.get(selector.metric()) else { continue };
                    let counts = matches!(known.kind, Kind::Counter | Kind::Histogram);
                    let rates = ["rate", "irate", "increase", "changes", "resets"];
                    let is_rate = selector.function.is_some_and(|name| rates.contains(&name));
                    let of_gauge = selector.function == Some("changes");
                    let title = &panel["title"];
                    assert!(!counts || is_rate, "{}: {title}: {written}", dashboard.uid);
                    assert!(
                        counts || !is_rate || of_gauge,
                        "{}: {title}: {written}",
                        dashboard.uid
                    );
                }
            }
        }
    }
}

/// A counter that is polled every half hour is not asked for its rate over a minute.
/// A level may be read every five minutes: it is then seen as soon as it is known.
#[test]
fn no_step_is_shorter_than_the_interval_of_what_is_read() {
    let vocabulary = vocabulary();
    for dashboard in made() {
        for panel in panels(&dashboard.json) {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let step = target["interval"].as_str().unwrap_or("15s");
                let step = humantime::parse_duration(step).unwrap();
                let expr = parse(target["expr"].as_str().unwrap()).unwrap();
                for selector in selectors(&expr) {
                    let metric = selector.metric();
                    let Some(known) = vocabulary.get(metric) else { continue };
                    let mut interval = known.interval.unwrap_or_default();
                    if known.kind == Kind::Gauge {
                        interval = interval.min(Duration::from_secs(300));
                    }
                    assert!(interval <= step, "{metric}: {step:?}");
                }
            }
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let made = made();
    let uids: BTreeSet<_> = made.iter().map(|dashboard| dashboard.uid.as_str()).collect();
    for dashboard in &made {
        let mut addresses = Vec::new();
        collect_addresses(&dashboard.json, &mut addresses);
        for address in addresses {
            if let Some(path) = address.strip_prefix("/d/") {
                let uid = path.split('?').next().unwrap();
                assert!(uids.contains(uid), "{}: {address}", dashboard.uid);
            }
        }
    }
    for alert in alerts().alerts() {
        assert!(uids.contains(alert.dashboard.as_str()), "{}: {}", alert.name, alert.dashboard);
    }
}

/// From the fleet, clicks on figures lead down to every page. Troubleshooting is where
/// somebody goes who does not know where to click: it is at the top of each page.
#[test]
fn the_fleet_leads_to_every_page() {
    let made = made();
    let mut reached = BTreeSet::from(["pg-fleet", "pg-troubleshooting"]);
    let mut known = 0;
    while known < reached.len() {
        known = reached.len();
        for dashboard in &made {
            if dashboard.uid == "pg-troubleshooting" || !reached.contains(dashboard.uid.as_str()) {
                continue;
            }
            let mut addresses = Vec::new();
            collect_addresses(&dashboard.json["panels"], &mut addresses);
            let clicks = addresses.into_iter().filter_map(|address| address.strip_prefix("/d/"));
            reached.extend(clicks.filter_map(|path| path.split('?').next()));
        }
    }
    for dashboard in &made {
        assert!(reached.contains(dashboard.uid.as_str()), "nothing leads to {}", dashboard.uid);
    }
}

fn collect_addresses<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("url").and_then(Value::as_str));
            map.values().for_each(|value| collect_addresses(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_addresses(value, found)),
        _ => {}
    }
}

#[test]
fn every_panel_has_a_lesson_and_every_lesson_something_that_shows_it() {
    let made = made();
    let panels: Vec<_> = made.iter().flat_map(|dashboard| &dashboard.panels).collect();
    assert!(panels.len() >= 150, "{} panels", panels.len());
    for panel in &panels {
        assert!(lessons::section(&panel.lesson).is_some(), "{}: {}", panel.title, panel.lesson);
    }
    let covered: BTreeSet<_> = panels.iter().map(|panel| panel.lesson.as_str()).collect();
    let missed: Vec<_> = lessons::all()
        .map(|(lesson, ..)| lesson)
        .filter(|it| !covered.contains(it.as_str()))
        .collect();
    assert!(missed.is_empty(), "no panel shows {missed:?}");
}

#[test]
fn every_alert_has_its_panel_with_its_line() {
    let alerts = alerts();
    let made = made();
    let page = made.iter().find(|dashboard| dashboard.uid == "pg-alerts").unwrap();
    let panels = panels(&page.json);
    for alert in alerts.alerts() {
        let panel = panels
            .iter()
            .find(|panel| panel["title"] == alert.name.as_str())
            .unwrap_or_else(|| panic!("{} has no panel", alert.name));
        let link = |what: &str| {
            let links = panel["links"].as_array().unwrap();
            links.iter().any(|link| link["title"].as_str().unwrap().starts_with(what))
        };
        assert!(link("Lesson: ") && link("Runbook: "), "{}", alert.name);
    }
    // Values are equal by construction; that a line is drawn at all is not.
    let lines = panels.iter().filter(|panel| {
        let steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"].as_array();
        steps.is_some_and(|steps| steps.len() > 1)
    });
    let (lines, all) = (lines.count(), alerts.alerts().count());
    assert!(lines * 3 > all * 2, "only {lines} of {all} alerts have a line");
}

/// Scenarios that alerts name are checked against the lab by the alerts' tests.
#[test]
fn every_incident_that_a_panel_names_is_an_alerts_too() {
    let alerts = alerts();
    let known: BTreeSet<_> =
        alerts.alerts().filter_map(|alert| alert.scenario.as_deref()).collect();
    for dashboard in made() {
        for panel in panels(&dashboard.json) {
            let said = panel["description"].as_str().unwrap_or_default();
            if let Some((_, after)) = said.split_once("`pglens lab run ") {
                let name = after.split('`').next().unwrap();
                assert!(known.contains(name), "{}: {}: {name}", dashboard.uid, panel["title"]);
            }
        }
    }
}

/// The catalogue is what pages can read; what no page reads is no mistake, but most
/// of it should be seen somewhere.
#[test]
fn most_of_what_is_collected_is_shown() {
    let shown: BTreeSet<_> = made()
        .iter()
        .flat_map(|dashboard| &dashboard.panels)
        .flat_map(|panel| panel.metrics.clone())
        .collect();
    let catalog = catalog();
    let collectors: BTreeSet<_> = catalog
        .collectors()
        .iter()
        .filter(|collector| {
            collector
                .metrics
                .iter()
                .any(|metric| shown.iter().any(|shown| shown.starts_with(metric.name.as_str())))
        })
        .map(|collector| collector.name.as_str())
        .collect();
    let share = collectors.len() as f64 / catalog.collectors().len() as f64;
    assert!(share > 0.6, "{share}: {collectors:?}");
}
