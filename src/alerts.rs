//! The alert rules: one source, from which everything about them is printed.
//!
//! `alerts/thresholds.toml` names every value that a rule compares with, and
//! `alerts/<area>.toml` has the rules, which refer to these values by name;
//! dashboards draw the same names. What is made of it: rule files for Prometheus, a
//! manifest for Kubernetes, and `docs/alerts.md`. Nothing here knows a server, and
//! PromQL itself is judged by `tests/alerts.rs` and by promtool.

mod check;
mod kubernetes;
mod load;
mod markdown;
mod outside;
mod placeholder;
mod prometheus;
mod proof;
mod render;
#[cfg(feature = "lab")]
mod squeeze;
mod threshold;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

pub use kubernetes::kubernetes;
pub use markdown::markdown;
pub use outside::{OUTSIDE, Outside};
pub use prometheus::{COURSE, File, files, yaml};
pub use proof::{PROOFS, Proof};
pub use render::{AlertRule, Annotations, DEFAULT_RUNBOOKS, Group, Links, Rule};
#[cfg(feature = "lab")]
pub use squeeze::{Change, Squeeze, Squeezed};
pub use threshold::{Threshold, Unit};

/// The labels that tell servers apart. Prometheus sets job and instance, the user
/// cluster, and a process that watches several servers target. Rules write
/// `{server}`, so that no aggregation forgets one of them; a label that a series
/// does not have is left out by PromQL.
pub const SERVER: &str = "cluster, job, instance, target";

/// The scrape jobs that rules about Prometheus' own series look at, as `{jobs}`.
pub const JOBS: &str = "pg.*|postgres.*";

/// Where node_exporter's rules look for a database's volumes, as `{volumes}`.
pub const VOLUMES: &str = ".*(pgdata|pgsql|postgres).*";

/// Everything, as it stands in the source.
#[derive(Clone, Debug)]
pub struct Alerts {
    pub thresholds: BTreeMap<String, Threshold>,
    pub recordings: Vec<Recording>,
    pub areas: Vec<Area>,
}

/// One file of rules.
#[derive(Clone, Debug)]
pub struct Area {
    pub name: &'static str,
    pub title: String,
    pub alerts: Vec<Alert>,
}

/// A rule that tells somebody something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    pub name: String,
    pub severity: Severity,
    /// PromQL with `{name}` for a threshold, `{server}`, `{jobs}` and `{volumes}`.
    pub expr: String,
    /// How long it must hold.
    #[serde(default, rename = "for", with = "humantime_serde")]
    pub holds: Duration,
    /// How long it goes on after it held last: for what is over in a moment.
    #[serde(default, with = "humantime_serde")]
    pub keep_firing_for: Duration,
    /// What one alert stands for: it decides what the dashboard is opened with.
    #[serde(default)]
    pub per: Per,
    /// `<page>#<section>` of the course, known to [`crate::lessons`].
    pub lesson: String,
    /// The lesson of another module that explains the mechanism, as `<module>/<page>`.
    pub mechanism: Option<String>,
    /// Uid of the dashboard to look at.
    pub dashboard: String,
    /// The lab scenario that makes it fire.
    pub scenario: Option<String>,
    /// Why no fault on one machine can make it fire.
    pub unprovoked: Option<String>,
    /// Kept apart: it needs more than pglens, or is of use to some only.
    #[serde(default)]
    pub optional: bool,
    /// What it needs beyond pglens.
    pub needs: Option<String>,
    /// One line without a value, so that it groups.
    pub summary: String,
    /// What is the case, with the value.
    pub what: String,
    /// Why somebody should care.
    pub impact: String,
    /// The first thing to do.
    pub first: String,
    /// What looks alike and is none: its third unit test.
    pub false_alarm: String,
    /// Alerts that say the same with more weight.
    #[serde(default)]
    pub inhibited_by: Vec<String>,
}

/// A series computed beforehand, named `level:metric:operation`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    pub name: String,
    /// What it is, in one sentence.
    pub about: String,
    pub expr: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Wakes somebody: users are hurt or data is at risk, now or within four hours.
    Critical,
    /// A ticket, for the same day.
    Warning,
    /// Seen on dashboards; notifies nobody.
    Info,
    /// For the watchdog, which always fires.
    None,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::None => "none",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    #[default]
    Server,
    /// All servers with the same label `cluster`.
    Cluster,
    /// Nothing that has labels, such as a series that is absent.
    Whole,
}

impl Alerts {
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.areas.iter().flat_map(|area| &area.alerts)
    }

    pub fn alert(&self, name: &str) -> Option<&Alert> {
        self.alerts().find(|alert| alert.name == name)
    }
}
