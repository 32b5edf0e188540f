//! The course's pages with what shows each section: `docs/lessons/`.
//!
//! Nothing is written down here. A section's text and its first metrics stand in
//! `lessons.toml`; collectors, alerts, panels and incidents name their lesson where
//! they are declared, and are found by that. `tests/lessons.rs` fails when a section
//! is shown by nothing.

mod page;

use std::sync::Arc;

use crate::alerts::{Alert, Alerts, Threshold};
use crate::catalog::{Catalog, Collector, Metric};
use crate::dashboards::Dashboard;
use crate::lab::{Scenario, scenarios};
use crate::lessons::{Page, Section, pages};

pub use page::{File, files};

/// Everything that names a lesson.
pub struct Course<'a> {
    pub catalog: &'a Catalog,
    pub alerts: &'a Alerts,
    pub dashboards: &'a [Dashboard],
}

/// One section with what shows it.
pub struct Shown<'a> {
    /// `<page>#<section>`.
    pub lesson: String,
    pub section: &'static Section,
    /// Those that the section names, and `None` for a name that nobody declares.
    pub metrics: Vec<(&'static str, Option<&'a Metric>)>,
    pub collectors: Vec<&'a Arc<Collector>>,
    pub alerts: Vec<&'a Alert>,
    /// Values of rules that the section itself names.
    pub thresholds: Vec<(&'a str, &'a Threshold)>,
    /// Dashboards, each with its panels.
    pub panels: Vec<(&'a Dashboard, Vec<&'a str>)>,
    pub scenarios: Vec<&'static Scenario>,
}

impl Shown<'_> {
    /// Whether somebody who reads the section finds it here: a figure, and
    /// something that draws it, watches it or makes it happen.
    pub fn is_covered(&self) -> bool {
        let figures = self.metrics.iter().any(|(_, metric)| metric.is_some());
        let seen = !self.panels.is_empty() || !self.alerts.is_empty() || !self.scenarios.is_empty();
        figures && seen
    }
}

impl<'a> Course<'a> {
    pub fn pages(&self) -> Vec<(&'static Page, Vec<Shown<'a>>)> {
        let shown = |page: &'static Page| {
            page.sections.iter().map(|section| self.shown(page, section)).collect()
        };
        pages().iter().map(|page| (page, shown(page))).collect()
    }

    fn shown(&self, page: &Page, section: &'static Section) -> Shown<'a> {
        let lesson = format!("{}#{}", page.name, section.anchor);
        let metric = |name: &String| {
            let declared = self.catalog.collectors().iter().flat_map(|one| &one.metrics);
            declared.into_iter().find(|metric| metric.name == *name)
        };
        let alerts = self.alerts.alerts();
        let names = |alert: &&Alert| alert.lesson == lesson || section.alerts.contains(&alert.name);
        let panels = self.dashboards.iter().filter_map(|dashboard| {
            let of_lesson = dashboard.panels.iter().filter(|panel| panel.lesson == lesson);
            let titles: Vec<_> = of_lesson.map(|panel| panel.title.as_str()).collect();
            (!titles.is_empty()).then_some((dashboard, titles))
        });
        let thresholds = self.alerts.thresholds.iter();
        Shown {
            metrics: section.metrics.iter().map(|name| (name.as_str(), metric(name))).collect(),
            collectors: self.catalog.collectors().iter().filter(|c| c.lesson == lesson).collect(),
            alerts: alerts.filter(names).collect(),
            thresholds: thresholds
                .filter(|(_, threshold)| threshold.lesson.as_deref() == Some(&lesson))
                .map(|(name, threshold)| (name.as_str(), threshold))
                .collect(),
            panels: panels.collect(),
            scenarios: scenarios::ALL
                .iter()
                .copied()
                .filter(|scenario| scenario.lessons.contains(&lesson.as_str()))
                .collect(),
            section,
            lesson,
        }
    }
}
