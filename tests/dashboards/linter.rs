//! The seventeen rules of Grafana's dashboard linter, under its names, so that who
//! runs it over these files is told the same. What we do otherwise stands in
//! `exclusions.toml` with its reason, and an exclusion that nothing needs is an error.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::pages::{
    RATE_INTERVAL, label_values, made, panels, parse, selectors, targets, variables,
};

/// The units of ours that the linter knows.
const UNITS: [&str; 6] = ["short", "percentunit", "s", "bytes", "Bps", "ops"];

/// Panels that have to say what they show.
const DESCRIBED: [&str; 5] = ["stat", "graph", "timeseries", "timetable", "gauge"];

const SOURCE: &str = "${datasource}";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exclusions {
    exclusion: Vec<Exclusion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exclusion {
    rule: String,
    /// Uids of pages.
    pages: Vec<String>,
    /// Panels, where it is not all of them.
    panel: Option<String>,
    /// Read by people.
    #[serde(rename = "reason")]
    _reason: String,
}

pub struct Finding {
    pub rule: &'static str,
    page: String,
    panel: String,
    what: String,
}

#[test]
fn the_linters_rules_hold_or_are_excluded_with_a_reason() {
    let exclusions: Exclusions = toml::from_str(include_str!("exclusions.toml")).unwrap();
    let findings: Vec<_> =
        made().iter().flat_map(|dashboard| lint(&dashboard.uid, &dashboard.json)).collect();
    let mut used = BTreeSet::new();
    let mut open = Vec::new();
    for finding in &findings {
        let excludes = |exclusion: &Exclusion| {
            exclusion.rule == finding.rule
                && exclusion.pages.contains(&finding.page)
                && exclusion.panel.as_ref().is_none_or(|panel| *panel == finding.panel)
        };
        match exclusions.exclusion.iter().position(excludes) {
            Some(position) => {
                used.insert((position, finding.page.clone()));
            }
            None => open.push(format!(
                "{}: {}: {}: {}",
                finding.page, finding.panel, finding.rule, finding.what
            )),
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
    for (position, exclusion) in exclusions.exclusion.iter().enumerate() {
        for page in &exclusion.pages {
            let needed = used.contains(&(position, page.clone()));
            assert!(needed, "nothing on {page} needs the exclusion from {}", exclusion.rule);
        }
    }
}

pub fn lint(page: &str, dashboard: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |rule, panel: &str, what: String| {
        findings.push(Finding { rule, page: page.into(), panel: panel.into(), what });
    };
    of_page(dashboard, &mut found);
    for panel in panels(dashboard).into_iter().filter(|panel| panel["type"] != "row") {
        let title = panel["title"].as_str().unwrap_or_default();
        let mut found = |rule, what: String| found(rule, title, what);
        of_panel(panel, &mut found);
        for expr in targets(panel) {
            of_target(expr, &mut found);
        }
        // target-logql-rule and target-logql-auto-rule judge queries of Loki.
        for target in panel["targets"].as_array().into_iter().flatten() {
            if target["datasource"]["type"] == "loki" {
                found("target-logql-rule", "asks Loki, which these rules do not judge here".into());
                found("target-logql-auto-rule", "likewise".into());
            }
        }
    }
    findings
}

fn of_page(dashboard: &Value, found: &mut impl FnMut(&'static str, &str, String)) {
    let list = dashboard["templating"]["list"].as_array().unwrap();
    let sources: Vec<_> = list.iter().filter(|variable| variable["type"] == "datasource").collect();
    let sound = |source: &Value| {
        source["name"] == "datasource"
            && source["label"] == "Data source"
            && source["query"] == "prometheus"
    };
    if !matches!(sources.as_slice(), [source] if sound(source)) {
        found("template-datasource-rule", "", "one variable \"datasource\"".into());
    }
    for (rule, name, label) in
        [("template-job-rule", "job", "Job"), ("template-instance-rule", "instance", "Instance")]
    {
        let Some(variable) = variables(dashboard).find(|variable| variable["name"] == name) else {
            found(rule, "", format!("no variable \"{name}\""));
            continue;
        };
        for (key, wanted) in
            [("label", label.into()), ("multi", true.into()), ("allValue", ".+".into())]
        {
            if variable[key] != Value::clone(&wanted) {
                found(rule, "", format!("{name}: {key} is {} and not {wanted}", variable[key]));
            }
        }
        if variable["datasource"]["uid"] != SOURCE {
            found(rule, "", format!("{name} asks another source"));
        }
    }
    for variable in variables(dashboard) {
        if parse(label_values(variable).0).is_err() {
            found("template-label-promql-rule", "", variable["query"].to_string());
        }
        if variable["refresh"] != 2 {
            found("template-on-time-change-reload-rule", "", variable["name"].to_string());
        }
    }
    if dashboard["editable"] != false {
        found("uneditable-dashboard", "", "can be edited".into());
    }
}

fn of_panel(panel: &Value, found: &mut impl FnMut(&'static str, String)) {
    let kind = panel["type"].as_str().unwrap();
    if panel["datasource"]["uid"] != SOURCE {
        found("panel-datasource-rule", panel["datasource"].to_string());
    }
    if DESCRIBED.contains(&kind) && (panel["title"] == "" || panel["description"] == "") {
        found("panel-title-description-rule", "no title or no description".into());
    }
    let unit = &panel["fieldConfig"]["defaults"]["unit"];
    let has_unit = unit.as_str().is_some_and(|unit| UNITS.contains(&unit));
    if ["stat", "graph", "table", "timeseries", "gauge"].contains(&kind) && !has_unit {
        found("panel-units-rule", unit.to_string());
    }
    if kind != "text" && targets(panel).next().is_none() {
        found("panel-no-targets-rule", "asks nothing".into());
    }
}

fn of_target(written: &str, found: &mut impl FnMut(&'static str, String)) {
    let expr = match parse(written) {
        Ok(expr) => expr,
        Err(error) => return found("target-promql-rule", format!("{error}: {written}")),
    };
    for selector in selectors(&expr) {
        let metric = selector.metric();
        let function = selector.function.unwrap_or_default();
        if let Some(range) = selector.range
            && ["rate", "irate"].contains(&function)
            && range != RATE_INTERVAL
        {
            found("target-rate-interval-rule", format!("{function} of {metric}"));
        }
        for (rule, label, variable) in
            [("target-job-rule", "job", "$job"), ("target-instance-rule", "instance", "$instance")]
        {
            let matches = |matcher: &promql_parser::label::Matcher| {
                matcher.name == label && matcher.value == variable && matcher.op.to_string() == "=~"
            };
            if !selector.selector.matchers.matchers.iter().any(matches) {
                found(rule, format!("{metric} without {label}=~\"{variable}\""));
            }
        }
        if metric.ends_with("_total") && !["rate", "irate", "increase"].contains(&function) {
            found("target-counter-agg-rule", metric.into());
        }
    }
}
