//! From the model to rules as Prometheus has them, with every placeholder filled.

use std::time::Duration;

use serde::Serialize;

use super::{Alert, Alerts, JOBS, Per, Recording, SERVER, VOLUMES, placeholder};
use crate::lessons;

/// The runbooks of this project, as its repository shows them.
pub const DEFAULT_RUNBOOKS: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/runbooks");

/// Where what an annotation points to stands.
#[derive(Clone, Debug)]
pub struct Links {
    pub lessons: String,
    pub runbooks: String,
    pub dashboards: String,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            lessons: lessons::DEFAULT_BASE.into(),
            runbooks: DEFAULT_RUNBOOKS.into(),
            dashboards: "http://localhost:3000".into(),
        }
    }
}

/// A group of rules, in the words of a rule file.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    pub name: String,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Rule {
    Record { record: String, expr: String },
    Alert(Box<AlertRule>),
}

#[derive(Clone, Debug, Serialize)]
pub struct AlertRule {
    pub alert: String,
    pub expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_firing_for: Option<String>,
    pub labels: Labels,
    pub annotations: Annotations,
}

#[derive(Clone, Debug, Serialize)]
pub struct Labels {
    pub severity: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub struct Annotations {
    pub summary: String,
    pub description: String,
    pub runbook_url: String,
    pub lesson_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mechanism_url: Option<String>,
    pub dashboard_url: String,
}

impl Alerts {
    /// The PromQL of a rule. What is not declared was found by the check.
    pub fn expression(&self, expr: &str) -> Result<String, String> {
        placeholder::fill(expr.trim(), |name| match name {
            "server" => Some(SERVER.to_owned()),
            "jobs" => Some(JOBS.to_owned()),
            "volumes" => Some(VOLUMES.to_owned()),
            _ => Some(self.thresholds.get(name)?.number()),
        })
    }

    /// A text for people.
    pub fn sentence(&self, text: &str) -> Result<String, String> {
        placeholder::fill(text.trim(), |name| Some(self.thresholds.get(name)?.text()))
    }

    /// The recording rules.
    pub fn recording_group(&self) -> Result<Group, String> {
        let rule = |recording: &Recording| {
            let expr = self.expression(&recording.expr)?;
            Ok(Rule::Record { record: recording.name.clone(), expr })
        };
        let rules = self.recordings.iter().map(rule).collect::<Result<_, String>>()?;
        Ok(Group { name: "pglens-recording".into(), rules })
    }

    /// The alerts of each area that are optional, or are not.
    pub fn alert_groups(&self, optional: bool, links: &Links) -> Result<Vec<Group>, String> {
        let mut groups = Vec::new();
        for area in &self.areas {
            let chosen = area.alerts.iter().filter(|alert| alert.optional == optional);
            let rules =
                chosen.map(|alert| self.rule(alert, links)).collect::<Result<Vec<_>, _>>()?;
            if !rules.is_empty() {
                let suffix = if optional { "-optional" } else { "" };
                groups.push(Group { name: format!("pglens-{}{suffix}", area.name), rules });
            }
        }
        Ok(groups)
    }

    fn rule(&self, alert: &Alert, links: &Links) -> Result<Rule, String> {
        Ok(Rule::Alert(Box::new(AlertRule {
            alert: alert.name.clone(),
            expr: self.expression(&alert.expr)?,
            holds: duration(alert.holds),
            keep_firing_for: duration(alert.keep_firing_for),
            labels: Labels { severity: alert.severity.as_str() },
            annotations: self.annotations(alert, links)?,
        })))
    }

    fn annotations(&self, alert: &Alert, links: &Links) -> Result<Annotations, String> {
        let description = format!(
            "{}\nImpact: {}\nFirst: {}",
            self.sentence(&alert.what)?,
            self.sentence(&alert.impact)?,
            self.sentence(&alert.first)?
        );
        let mechanism_url = alert
            .mechanism
            .as_ref()
            .map(|lesson| lessons::mechanism_address(&links.lessons, lesson));
        Ok(Annotations {
            summary: alert.summary.clone(),
            description,
            runbook_url: format!("{}/{}.md", links.runbooks, alert.name),
            lesson_url: lessons::address(&links.lessons, &alert.lesson),
            mechanism_url,
            dashboard_url: format!(
                "{}/d/{}{}",
                links.dashboards,
                alert.dashboard,
                variables(alert.per)
            ),
        })
    }
}

/// The dashboard's variables, from the labels that the alert has.
fn variables(per: Per) -> &'static str {
    match per {
        Per::Server => {
            "?var-instance={{ urlquery $labels.instance }}\
             {{ with $labels.target }}&var-target={{ urlquery . }}{{ end }}"
        }
        Per::Cluster => "?var-cluster={{ urlquery $labels.cluster }}",
        Per::Whole => "",
    }
}

/// As Prometheus writes it, in its largest unit; nothing for none.
pub(super) fn duration(duration: Duration) -> Option<String> {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0 => return None,
        s if s % 86_400 == 0 => (s / 86_400, "d"),
        s if s % 3600 == 0 => (s / 3600, "h"),
        s if s % 60 == 0 => (s / 60, "m"),
        s => (s, "s"),
    };
    Some(format!("{count}{unit}"))
}
