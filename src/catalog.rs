//! The catalogue: every collector as data, and the only place where a metric is
//! declared.
//!
//! A collector is one `<name>.toml` beside its `<name>.sql` in `src/collectors/`.
//! The exposition, the reference in `docs/metrics.md`, the planner and the checks
//! all read the model that is built here. It knows no server and no time.

mod check;
mod load;
mod queries_yaml;
mod reference;
mod requirement;
mod user;
mod version;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

pub use check::Problem;
pub use reference::{cell, json, markdown, sql, with_schemas};
pub use requirement::{Comparison, Requirement};
pub use version::Version;

/// The oldest and the newest major version that every variant is tested on.
pub const TESTED_MAJORS: std::ops::RangeInclusive<u32> = 13..=18;

/// All collectors, ordered by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    collectors: Vec<Arc<Collector>>,
    declared: HashSet<String>,
    left_out: Vec<Problem>,
}

/// One row shape: a query, its labels and its metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Collector {
    pub name: String,
    /// Where it is declared, for messages.
    pub file: String,
    pub software: Software,
    /// Written for postgres_exporter: it looks into the user's schemas, and its
    /// series carry `server`, the address that we connect to.
    pub from_queries_yaml: bool,
    /// One sentence for people: what it is for.
    pub about: String,
    /// `<page>#<section>` of the course, known to [`crate::lessons`].
    pub lesson: String,
    pub area: Area,
    /// How often it is polled when nothing stretches it.
    pub interval: Duration,
    /// `statement_timeout` of its query, always below the interval.
    pub timeout: Duration,
    pub runs_on: RunsOn,
    pub scope: Scope,
    /// The smallest preset that it belongs to.
    pub preset: Preset,
    /// First and last major version of PostgreSQL that have what it reads; of PgBouncer,
    /// whose version begins with 1 for ever, the number behind that.
    pub since: u32,
    pub until: Option<u32>,
    pub versions: VersionedBy,
    pub requires: Vec<Requirement>,
    pub labels: Vec<String>,
    pub max_rows: usize,
    pub reads: Reads,
    /// Name of the [`crate::transform`] between the rows and the metrics.
    pub transform: Option<String>,
    /// Which of its objects become series, where there may be many.
    pub top: Option<Top>,
    /// Where PgBouncer tells one figure a row: the columns of names and values.
    pub pivot: Option<(String, String)>,
    pub metrics: Vec<Metric>,
    /// Ascending by version; empty for what the exporter knows about itself.
    pub variants: Vec<Variant>,
}

/// One declared metric. Its name is the alias of the column that feeds it; a
/// histogram is fed by several, `name:le:BOUND` with cumulative counts, `name:sum`
/// and `name:count`.
///
/// A name that ends in `*` stands for a family of metrics whose names only the
/// server knows: then [`DYNAMIC`] columns bring name, help and value, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub name: String,
    pub kind: Kind,
    /// What a person reads in HELP: a sentence, with the unit where the name has none.
    pub help: String,
    /// The name is postgres_exporter's and excused from the naming rules.
    pub compat: bool,
    /// The labels it carries, as positions in the collector's.
    pub labels: Vec<usize>,
    /// Whether the objects that are left out have a sum of it.
    pub summed: bool,
    /// What PgBouncer's console calls it, which knows no aliases.
    pub figure: Option<Figure>,
}

/// A figure of PgBouncer's console.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub name: String,
    /// What it is multiplied with, for microseconds to become seconds.
    pub scale: f64,
}

/// What is watched, and so how it is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Software {
    #[default]
    PostgreSql,
    PgBouncer,
}

impl Software {
    pub fn name(self) -> &'static str {
        match self {
            Self::PostgreSql => "PostgreSQL",
            Self::PgBouncer => "PgBouncer",
        }
    }
}

/// The rule by which the objects that matter are kept and all others summed up;
/// [`crate::transform::Top`] does it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Top {
    /// How many objects have a row of their own; those on their way out come on
    /// top, up to `max_rows`.
    pub keep: usize,
    /// Metrics, or input columns of the query, by which objects are the best: a
    /// counter by its growth, a gauge by its value.
    pub by: Vec<String>,
    /// How long an object stays that is among the best no more.
    #[serde(with = "humantime_serde", default = "half_an_hour")]
    pub hold: Duration,
    /// The labels that tell objects apart; the others are the same in all rows.
    pub key: Vec<String>,
    /// The label that says `_other` for the rest.
    pub other: String,
    /// Whether the server drops objects to make room, and meets them again.
    #[serde(default)]
    pub evicted: bool,
}

fn half_an_hour() -> Duration {
    Duration::from_secs(30 * 60)
}

/// The columns of a collector whose metric's name ends in `*`.
pub const DYNAMIC: [&str; 3] = ["metric", "help", "value"];

/// The query for one version and all later ones up to the next variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    pub from: Version,
    /// The file's name, for messages.
    pub file: String,
    pub sql: String,
    /// Replaces the collector's interval where this variant is dearer.
    pub interval: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
    /// For postgres_exporter's names that it exports so, and no others.
    Untyped,
}

impl Kind {
    /// The word of the TYPE line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Untyped => "untyped",
        }
    }
}

/// One of the columns of a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// How many were not above this bound. That of +Inf is the count.
    Bucket(f64),
    Sum,
    Count,
}

/// The names of a histogram's samples, which no other metric may have.
pub const HISTOGRAM_SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// Where a reader looks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    Server,
    BufferCache,
    Wal,
    Locks,
    Bloat,
    Replication,
    Activity,
    Databases,
    Vacuum,
    Progress,
    Log,
    Settings,
    Pooler,
    /// What users add. The rules of style for names and texts are theirs then.
    Custom,
    /// What pglens knows about itself.
    Exporter,
}

impl Area {
    pub fn title(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::BufferCache => "Buffer cache and I/O",
            Self::Wal => "WAL, checkpoints and archiving",
            Self::Locks => "Locks and waits",
            Self::Bloat => "Bloat",
            Self::Replication => "Replication",
            Self::Activity => "Connections and activity",
            Self::Databases => "Databases",
            Self::Vacuum => "Vacuum and wraparound",
            Self::Progress => "Progress of maintenance",
            Self::Log => "Server log",
            Self::Settings => "Settings",
            Self::Pooler => "PgBouncer",
            Self::Custom => "Your own queries",
            Self::Exporter => "The exporter itself",
        }
    }
}

/// How much is collected when nothing else is said; each holds the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Whether it is up, and what pages somebody at night.
    Minimal,
    #[default]
    Standard,
    /// Also what costs the server something, or is of use to few.
    Everything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunsOn {
    Any,
    Primary,
    Standby,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Once a server.
    Server,
    /// Once in each database that lets us in.
    Database,
}

/// What becomes metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// The answer to the query.
    #[default]
    Answer,
    /// The server's log, which the answer says where to find; see [`crate::logs`].
    Log,
}

/// Whose version chooses the variant: after `pg_upgrade` an extension may be
/// older than the server suggests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionedBy {
    Server,
    Extension(String),
}

impl Metric {
    /// The beginning of the names, where the server brings their ends.
    pub fn dynamic_prefix(&self) -> Option<&str> {
        self.name.strip_suffix('*')
    }

    /// Whether a column of this name feeds it.
    pub fn reads(&self, column: &str) -> bool {
        match self.kind {
            Kind::Histogram => self.part(column).is_some(),
            _ => column == self.name,
        }
    }

    /// What a column is in this histogram.
    pub fn part(&self, column: &str) -> Option<Part> {
        match column.strip_prefix(&self.name)?.strip_prefix(':')? {
            "sum" => Some(Part::Sum),
            "count" => Some(Part::Count),
            bucket => {
                let bound: f64 = bucket.strip_prefix("le:")?.parse().ok()?;
                bound.is_finite().then_some(Part::Bucket(bound))
            }
        }
    }
}

impl Collector {
    /// The variant for a version: the highest that is not above it.
    pub fn variant(&self, version: &Version) -> Option<&Variant> {
        self.variants.iter().rev().find(|variant| variant.from <= *version)
    }

    /// Whether columns are made of what the query returns, and not by it.
    pub fn makes_columns(&self) -> bool {
        self.transform.is_some()
            || self.reads != Reads::Answer
            || self.software == Software::PgBouncer
    }

    /// Whether the rows come from PostgreSQL and not from ourselves.
    pub fn is_polled(&self) -> bool {
        !self.variants.is_empty()
    }
}

impl Catalog {
    pub fn collectors(&self) -> &[Arc<Collector>] {
        &self.collectors
    }

    pub fn collector(&self, name: &str) -> Option<&Arc<Collector>> {
        self.collectors.iter().find(|collector| collector.name == name)
    }

    /// Whether a metric of exactly this name is declared; where the server brings a
    /// name that is, it is the declaring collector's to fill.
    pub fn declares(&self, name: &str) -> bool {
        self.declared.contains(name)
    }

    /// The collector that declares a metric.
    fn owner(&self, metric: &str) -> Option<&Collector> {
        let declares = |collector: &&Arc<Collector>| {
            collector.metrics.iter().any(|declared| declared.name == metric)
        };
        self.collectors.iter().find(declares).map(Arc::as_ref)
    }

    /// What of the user's own queries cannot be had, and why.
    pub fn left_out(&self) -> &[Problem] {
        &self.left_out
    }

    /// Every requirement of every collector, for facts to be probed in one go.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.collectors.iter().flat_map(|collector| &collector.requires)
    }
}
