//! What `pglens lab` prints: the steps of an incident with the time of each.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::net::TcpStream;

use super::guide::Guide;
use crate::daemon::Daemon;
use crate::lab::figures::{Figure, Figures};
use crate::lab::{Scenario, Stage, To};
use crate::lessons;

/// Columns of a line of prose, for terminals of 80.
const WIDTH: usize = 76;

/// The lines of one run.
pub struct Report {
    scenario: &'static Scenario,
    guide: Guide,
    began: Instant,
}

impl Report {
    pub fn begin(scenario: &'static Scenario, guide: Guide) -> Self {
        println!("{} ({})", scenario.name, lessons::title(scenario.lessons[0]));
        Self { scenario, guide, began: Instant::now() }
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

    /// Whether the page can be had, where that is what moves.
    pub async fn reach(&self, addresses: &[SocketAddr]) {
        let Some(address) = addresses.first() else { return };
        let said = match TcpStream::connect(address).await {
            Ok(_) => "it answers".to_owned(),
            Err(error) => error.to_string(),
        };
        self.line(&format!("http://localhost:{}/metrics: {said}", address.port()));
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
        if figures.0.is_empty() {
            self.line("In Prometheus, if it goes on:");
        } else if shown {
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
                "All of it has held since {since:.1} s. In Prometheus, if it goes on:"
            ));
        }
        self.alerts();
    }

    /// The alerts that fire, and on what condition.
    fn alerts(&self) {
        for line in self.guide.alerts(self.scenario) {
            println!("    {line}");
        }
    }

    /// How to look around while the incident lasts.
    pub fn hold(&self, stage: &Stage, daemon: Option<&Daemon>) {
        self.step("Holding");
        self.line("The incident stays. Look around:");
        for dsn in stage.dsns() {
            println!("    psql '{dsn}'");
        }
        if let Some(address) = daemon.and_then(|daemon| daemon.addresses.first()) {
            let port = address.port();
            println!("    http://localhost:{port}/ (status page)");
            println!("    http://localhost:{port}/metrics");
        }
        self.line("Enter or Ctrl-C heals it.");
    }

    pub fn end(&self, figures: &Figures, healed: bool) {
        let counts = |figure: &Figure| matches!(figure.subject.to, To::Grown(_));
        let (counters, others): (Vec<_>, Vec<_>) =
            figures.0.iter().partition(|figure| counts(figure));
        match (healed, counters.is_empty(), others.is_empty()) {
            (false, ..) => self.line("The figures are not back: this is a defect of pglens."),
            (true, true, true) => {}
            (true, true, false) => self.line("The figures are back."),
            (true, false, true) => self.line("What only counts up stands still."),
            (true, false, false) => {
                self.line("The figures are back, and what only counts up stands still.");
            }
        }
        if !figures.0.is_empty() {
            self.step("Figures");
            println!("  {:>12}  {:>12}  {:>12}", "before", "at worst", "after");
        }
        for Figure { subject, before, worst, now, .. } in &figures.0 {
            let [before, worst, now] = [before, worst, now].map(|value| number(*value));
            println!("  {before:>12}  {worst:>12}  {now:>12}  {subject}");
        }
        self.step("Read on");
        for line in self.guide.read_on(self.scenario) {
            println!("  {line}");
        }
    }
}

/// What a scenario is, without running it.
pub fn explain(scenario: &Scenario, guide: &Guide) {
    println!("{}\n", scenario.name);
    for text in [scenario.happens, scenario.look_at, scenario.healing] {
        for line in wrapped(text, WIDTH) {
            println!("  {line}");
        }
        println!();
    }
    if !scenario.moves.is_empty() {
        println!("Metrics");
    }
    for change in scenario.moves {
        println!("  {change} {}", change.to);
    }
    let gap = if scenario.moves.is_empty() { "" } else { "\n" };
    println!("{gap}Alerts");
    for line in guide.alerts(scenario) {
        println!("  {line}");
    }
    println!("\nRead on");
    for line in guide.read_on(scenario) {
        println!("  {line}");
    }
    println!("\nRun it: pglens lab run {}", scenario.name);
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
