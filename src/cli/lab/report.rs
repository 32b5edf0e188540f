//! What `pglens lab` prints: the steps of an incident with the time of each.

use std::time::Instant;

use crate::alerts::{Alerts, Links};
use crate::catalog::Catalog;
use crate::daemon::Daemon;
use crate::dashboards;
use crate::lab::figures::{Figure, Figures};
use crate::lab::{Scenario, Stage};
use crate::lessons;

/// Columns of a line of prose, for terminals of 80.
const WIDTH: usize = 76;

/// The lines of one run.
pub struct Report {
    scenario: &'static Scenario,
    began: Instant,
}

impl Report {
    pub fn begin(scenario: &'static Scenario) -> Self {
        println!("{} ({})", scenario.name, lessons::title(scenario.lessons[0]));
        Self { scenario, began: Instant::now() }
    }

    pub fn step(&self, name: &str) {
        println!("\n{name}");
    }

    pub fn text(&self, text: &str) {
        for line in wrapped(text, WIDTH) {
            println!("  {line}");
        }
    }

    /// One thing that happened, and when.
    pub fn line(&self, text: &str) {
        println!("  {:5.1} s  {text}", self.began.elapsed().as_secs_f64());
    }

    pub fn address(&self, daemon: &Daemon) {
        if let Some(address) = daemon.addresses.first() {
            self.line(&format!("Watch at http://localhost:{}/", address.port()));
        }
    }

    /// Those that moved.
    pub fn figures(&self, figures: &Figures) {
        let moved = figures.0.iter().filter(|figure| figure.moved);
        for Figure { subject, now, holds_since, .. } in moved {
            let mark = if holds_since.is_some() { "*" } else { " " };
            self.line(&format!("{mark} {subject} {}", number(*now)));
        }
    }

    /// How the incident shows in the figures, and in which alerts.
    pub fn shown(&self, figures: &Figures, shown: bool) {
        if shown {
            self.line("This is what the metrics show of it (* where the fault drives them).");
        } else {
            self.line("Not everything moved as it should: this is a defect of pglens.");
            for figure in figures.0.iter().filter(|figure| figure.holds_since.is_none()) {
                self.line(&format!("Missing: {} {}", figure.subject, figure.subject.to));
            }
        }
        if let Some(since) = figures.0.iter().filter_map(|figure| figure.holds_since).max() {
            let since = since.duration_since(self.began).as_secs_f64();
            self.line(&format!(
                "All of it holds since {since:.1} s. In Prometheus, if it goes on:"
            ));
        }
        self.alerts();
    }

    /// The alerts that fire, and on what condition.
    fn alerts(&self) {
        for line in alerts(self.scenario) {
            println!("    {line}");
        }
    }

    /// How to look around while the incident lasts.
    pub fn hold(&self, stage: &Stage, daemon: Option<&Daemon>) {
        self.step("Holding");
        self.line("The incident stays. Look around:");
        for server in stage.servers() {
            println!("    psql '{}'", server.dsn("postgres"));
        }
        if let Some(address) = daemon.and_then(|daemon| daemon.addresses.first()) {
            let port = address.port();
            println!("    http://localhost:{port}/ (status page)");
            println!("    http://localhost:{port}/metrics");
        }
        self.line("Enter or Ctrl-C heals it.");
    }

    pub fn end(&self, figures: &Figures, healed: bool) {
        self.line(match healed {
            true => "The figures are back.",
            false => "The figures are not back: this is a defect of pglens.",
        });
        self.step("Figures");
        println!("  {:>12}  {:>12}  {:>12}", "before", "at worst", "after");
        for Figure { subject, before, worst, now, .. } in &figures.0 {
            let [before, worst, now] = [before, worst, now].map(|value| number(*value));
            println!("  {before:>12}  {worst:>12}  {now:>12}  {subject}");
        }
        self.step("Read on");
        read_on(self.scenario);
    }
}

/// What a scenario is, without running it.
pub fn explain(scenario: &Scenario) {
    println!("{}\n", scenario.name);
    for text in [scenario.happens, scenario.look_at, scenario.healing] {
        for line in wrapped(text, WIDTH) {
            println!("  {line}");
        }
        println!();
    }
    println!("Metrics");
    for change in scenario.moves {
        println!("  {change} {}", change.to);
    }
    println!("\nAlerts");
    for line in alerts(scenario) {
        println!("  {line}");
    }
    println!("\nRead on");
    read_on(scenario);
    println!("\nRun it: pglens lab run {}", scenario.name);
}

/// The alerts of a scenario, each with its condition.
fn alerts(scenario: &Scenario) -> Vec<String> {
    // The built-in rules are checked by tests; without them there is no condition.
    let rules = Alerts::builtin().ok();
    let alert = |name: &&str| {
        let condition = rules.as_ref().and_then(|rules| condition(rules, name));
        format!("{name}{}", condition.map(|text| format!(": {text}")).unwrap_or_default())
    };
    scenario.alerts.iter().map(alert).collect()
}

fn condition(rules: &Alerts, name: &str) -> Option<String> {
    let alert = rules.alert(name)?;
    let expression = rules.expression(&alert.expr).ok()?;
    let words: Vec<&str> = expression.split_whitespace().collect();
    let holds = match alert.holds.is_zero() {
        true => "at once".to_owned(),
        false => format!("for {}", humantime::format_duration(alert.holds)),
    };
    Some(format!("{} {holds} ({})", words.join(" "), alert.severity.as_str()))
}

fn read_on(scenario: &Scenario) {
    for lesson in scenario.lessons {
        println!("  Lesson     {}", lessons::address(lessons::DEFAULT_BASE, lesson));
    }
    for alert in scenario.alerts {
        println!("  Runbook    docs/runbooks/{alert}.md");
    }
    for panel in panels(scenario) {
        println!("  Dashboard  {panel}");
    }
}

/// The panels that draw one of the metrics that move.
fn panels(scenario: &Scenario) -> Vec<String> {
    let drawn = match (Catalog::builtin(), Alerts::builtin()) {
        (Ok(catalog), Ok(alerts)) => dashboards::all(&catalog, &alerts, &Links::default()),
        // A test would have seen what is wrong with them.
        _ => Ok(Vec::new()),
    }
    .unwrap_or_default();
    let mut panels = Vec::new();
    for dashboard in &drawn {
        let shows = |metrics: &[String]| {
            scenario.moves.iter().any(|moved| metrics.iter().any(|name| name == moved.metric))
        };
        let of_this = dashboard.panels.iter().filter(|panel| shows(&panel.metrics));
        panels.extend(of_this.map(|panel| format!("{}: {}", dashboard.title, panel.title)));
    }
    // In the order of reading; who wants more opens one of them.
    panels.truncate(6);
    panels
}

pub fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end()
}

/// As many digits as a person compares.
fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.fract() == 0.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.3}"),
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].is_empty() {
            lines[last].push_str(word);
        } else if lines[last].chars().count() + 1 + word.chars().count() <= width {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_and_cut() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(first_sentence("It ends. It begins."), "It ends.");
        assert_eq!(number(Some(0.5)), "0.500");
        assert_eq!(number(None), "-");
    }
}
