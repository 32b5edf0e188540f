//! What points on from an incident: its alerts with their conditions, its lessons,
//! runbooks and panels.

use std::collections::HashSet;

use crate::alerts::{Alerts, Links};
use crate::catalog::Catalog;
use crate::cli::builtin;
use crate::dashboards::{self, Dashboard};
use crate::lab::Scenario;
use crate::lessons;

/// So many panels are named; who wants more opens one of them.
const PANELS: usize = 6;

pub struct Guide {
    alerts: Alerts,
    dashboards: Vec<Dashboard>,
}

impl Guide {
    pub fn builtin(catalog: &Catalog) -> Result<Self, String> {
        let alerts = builtin::alerts()?;
        let dashboards = dashboards::all(catalog, &alerts, &Links::default())
            .map_err(|problem| problem.to_string())?;
        Ok(Self { alerts, dashboards })
    }

    /// The alerts of a scenario, each with its condition.
    pub fn alerts(&self, scenario: &Scenario) -> Vec<String> {
        let alert = |name: &&str| {
            let condition = self.condition(name).map(|text| format!(": {text}"));
            format!("{name}{}", condition.unwrap_or_default())
        };
        scenario.alerts.iter().map(alert).collect()
    }

    fn condition(&self, name: &str) -> Option<String> {
        let alert = self.alerts.alert(name)?;
        // Loading the rules has read every expression.
        let expression = self.alerts.expression(&alert.expr).ok()?;
        let words: Vec<&str> = expression.split_whitespace().collect();
        let holds = match alert.holds.is_zero() {
            true => "at once".to_owned(),
            false => format!("for {}", humantime::format_duration(alert.holds)),
        };
        Some(format!("{} {holds} ({})", words.join(" "), alert.severity.as_str()))
    }

    pub fn read_on(&self, scenario: &Scenario) -> Vec<String> {
        let lessons = scenario.lessons.iter().map(|lesson| {
            format!("Lesson     {}", lessons::address(lessons::DEFAULT_BASE, lesson))
        });
        let runbooks =
            scenario.alerts.iter().map(|alert| format!("Runbook    docs/runbooks/{alert}.md"));
        // Several pages may draw it, and one page twice.
        let mut named = HashSet::new();
        let panels = self.panels(scenario).filter(|panel| named.insert(panel.clone()));
        let panels = panels.map(|panel| format!("Dashboard  {panel}"));
        lessons.chain(runbooks).chain(panels.take(PANELS)).collect()
    }

    /// The panels that draw one of the metrics that move, in the order of reading.
    fn panels(&self, scenario: &Scenario) -> impl Iterator<Item = String> {
        let moves = |metrics: &[String]| {
            scenario.moves.iter().any(|moved| metrics.iter().any(|name| name == moved.metric))
        };
        self.dashboards.iter().flat_map(move |dashboard| {
            let drawn = dashboard.panels.iter().filter(move |panel| moves(&panel.metrics));
            drawn.map(|panel| format!("{}: {}", dashboard.title, panel.title))
        })
    }
}
