//! From files to the model: what a declaration may say, and where its SQL is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::{
    Area, Catalog, Collector, Figure, Kind, Metric, Preset, Problem, Reads, RunsOn, Scope,
    Software, Top, Variant, Version, VersionedBy, check,
};

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/collectors");

/// What the user's own queries are about, in the course.
pub(super) const CUSTOM_LESSON: &str = "prometheus#custom-queries";

/// A collector's TOML, key by key as its author writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    about: String,
    /// Needed for what is ours; the user's own queries have a lesson of theirs.
    lesson: Option<String>,
    area: Area,
    #[serde(default)]
    software: Software,
    /// Names and values, where each row of PgBouncer's answer is one figure.
    pivot: Option<(String, String)>,
    #[serde(with = "humantime_serde")]
    interval: Duration,
    #[serde(with = "humantime_serde")]
    timeout: Duration,
    runs_on: RunsOn,
    scope: Scope,
    #[serde(default)]
    preset: Preset,
    #[serde(default = "oldest")]
    since: u32,
    until: Option<u32>,
    versions: Option<String>,
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    labels: Vec<String>,
    /// Without labels there is one row.
    #[serde(default = "one")]
    max_rows: usize,
    #[serde(default)]
    reads: Reads,
    transform: Option<String>,
    top: Option<Top>,
    /// Intervals of single variants, by version.
    #[serde(default)]
    slower: BTreeMap<String, humantime_serde::Serde<Duration>>,
    metrics: BTreeMap<String, MetricDeclaration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricDeclaration {
    counter: Option<String>,
    gauge: Option<String>,
    histogram: Option<String>,
    untyped: Option<String>,
    #[serde(default)]
    compat: bool,
    labels: Option<Vec<String>>,
    /// Whether `_other` has a sum of it: yes for a counter, if not said otherwise.
    other: Option<bool>,
    /// PgBouncer's name for it, and what its value is multiplied with.
    figure: Option<String>,
    #[serde(default = "unscaled")]
    scale: f64,
}

fn unscaled() -> f64 {
    1.0
}

fn one() -> usize {
    1
}

fn oldest() -> u32 {
    *super::TESTED_MAJORS.start()
}

impl Catalog {
    /// The collectors inside the binary.
    pub fn builtin() -> Result<Self, Vec<Problem>> {
        let files = BUILTIN.files().filter_map(|file| {
            Some((file.path().to_str()?.to_owned(), file.contents_utf8()?.to_owned()))
        });
        Self::from_files(files)
    }

    /// A catalogue of named files, every problem in them found at once.
    pub fn from_files<I>(files: I) -> Result<Self, Vec<Problem>>
    where
        I: IntoIterator<Item = (String, String)>,
    {
        let (collectors, problems) = read(files);
        Self::default().joined(collectors, problems)
    }

    /// With more collectors; one of the same name takes the other's place.
    /// `problems` are those found in them so far.
    pub(super) fn joined(
        mut self,
        extra: Vec<Arc<Collector>>,
        mut problems: Vec<Problem>,
    ) -> Result<Self, Vec<Problem>> {
        self.collectors.retain(|known| !extra.iter().any(|collector| collector.name == known.name));
        self.collectors.extend(extra);
        self.collectors.sort_by(|a, b| a.name.cmp(&b.name));
        problems.extend(check::all(&self.collectors));
        let metrics = self.collectors.iter().flat_map(|collector| &collector.metrics);
        self.declared = metrics.map(|metric| metric.name.clone()).collect();
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }
}

/// The collectors in named files, and what is wrong with those that are none.
pub(super) fn read<I>(files: I) -> (Vec<Arc<Collector>>, Vec<Problem>)
where
    I: IntoIterator<Item = (String, String)>,
{
    let (declarations, queries): (BTreeMap<_, _>, BTreeMap<_, _>) =
        files.into_iter().partition(|(file, _)| file.ends_with(".toml"));

    let mut problems = Vec::new();
    let mut collectors = Vec::new();
    for (file, text) in &declarations {
        match collector(file, text, &queries) {
            Ok(collector) => collectors.push(Arc::new(collector)),
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(orphans(&declarations, &queries));
    (collectors, problems)
}

/// Queries that no declaration asks for.
fn orphans(
    declarations: &BTreeMap<String, String>,
    queries: &BTreeMap<String, String>,
) -> Vec<Problem> {
    queries
        .keys()
        .filter(|query| {
            !declarations.keys().any(|declaration| {
                variant_version(declaration.trim_end_matches(".toml"), query).is_some()
            })
        })
        .map(|query| Problem::new(query, "no declaration (.toml) of that name"))
        .collect()
}

fn collector(
    file: &str,
    text: &str,
    queries: &BTreeMap<String, String>,
) -> Result<Collector, Problem> {
    let says = |message: String| Problem::new(file, message);
    let path = file.trim_end_matches(".toml");
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let declaration: Declaration =
        toml::from_str(text).map_err(|error| Problem::in_toml(file, text, &error))?;

    let versions = match declaration.versions.as_deref() {
        None | Some("server") => VersionedBy::Server,
        Some(other) => match other.strip_prefix("extension:") {
            Some(extension) => VersionedBy::Extension(extension.to_owned()),
            None => return Err(says(format!("versions = \"{other}\" is not extension:NAME"))),
        },
    };
    let requires = declaration
        .requires
        .iter()
        .map(|requirement| requirement.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| says(format!("requires: {error}")))?;
    let metrics = declaration
        .metrics
        .into_iter()
        .map(|(name, metric)| {
            read_metric(name, metric, &declaration.labels, declaration.top.as_ref())
        })
        .collect::<Result<_, _>>()
        .map_err(&says)?;

    let mut slower = declaration.slower;
    let mut variants = variants(path, declaration.since, queries)?;
    for variant in &mut variants {
        variant.interval = slower.remove(&variant.from.to_string()).map(|d| d.into_inner());
    }
    if let Some(version) = slower.keys().next() {
        return Err(says(format!("slower.\"{version}\": there is no such variant")));
    }

    let lesson = match declaration.lesson {
        Some(lesson) => lesson,
        None if declaration.area == Area::Custom => CUSTOM_LESSON.to_owned(),
        None => return Err(says("lesson is missing".into())),
    };

    Ok(Collector {
        name: name.to_owned(),
        file: file.to_owned(),
        software: declaration.software,
        from_queries_yaml: false,
        about: declaration.about,
        lesson,
        area: declaration.area,
        interval: declaration.interval,
        timeout: declaration.timeout,
        runs_on: declaration.runs_on,
        scope: declaration.scope,
        preset: declaration.preset,
        since: declaration.since,
        until: declaration.until,
        versions,
        requires,
        labels: declaration.labels,
        max_rows: declaration.max_rows,
        reads: declaration.reads,
        transform: declaration.transform,
        top: declaration.top,
        pivot: declaration.pivot,
        metrics,
        variants,
    })
}

fn read_metric(
    name: String,
    metric: MetricDeclaration,
    labels: &[String],
    top: Option<&Top>,
) -> Result<Metric, String> {
    let said = [
        (Kind::Counter, metric.counter),
        (Kind::Gauge, metric.gauge),
        (Kind::Histogram, metric.histogram),
        (Kind::Untyped, metric.untyped),
    ];
    let mut said = said.into_iter().filter_map(|(kind, help)| Some((kind, help?)));
    let (Some((kind, help)), None) = (said.next(), said.next()) else {
        return Err(format!(
            "{name}: expected one of counter = \"…\", gauge = \"…\" and histogram = \"…\""
        ));
    };
    if metric.other.is_some() && top.is_none() {
        return Err(format!("{name}: other says something about [top], which is not there"));
    }
    let labels: Vec<usize> = match metric.labels {
        None => (0..labels.len()).collect(),
        Some(subset) => subset
            .iter()
            .map(|label| {
                labels.iter().position(|known| known == label).ok_or_else(|| {
                    format!("{name}: \"{label}\" is not among the collector's labels")
                })
            })
            .collect::<Result<_, _>>()?,
    };
    let summed = top.is_some() && metric.other.unwrap_or(kind == Kind::Counter);
    let scale = metric.scale;
    let figure = metric.figure.map(|name| Figure { name, scale });
    Ok(Metric { name, kind, help, compat: metric.compat, labels, summed, figure })
}

/// `<name>.sql` is the variant of the first version, `<name>.<version>.sql` of that one.
fn variants(
    name: &str,
    since: u32,
    queries: &BTreeMap<String, String>,
) -> Result<Vec<Variant>, Problem> {
    let mut variants = Vec::new();
    for (file, sql) in queries {
        let Some(version) = variant_version(name, file) else { continue };
        let from = match version {
            "" => Version::major(since),
            text => text.parse().map_err(|error| Problem::new(file, format!("{error}")))?,
        };
        variants.push(Variant { from, file: file.clone(), sql: sql.clone(), interval: None });
    }
    variants.sort_by(|a, b| a.from.cmp(&b.from));
    Ok(variants)
}

/// The version part of a query's file name if the file belongs to `name`:
/// `wal.18.sql` is variant `18` of `wal`, and `wal_position.sql` is not of `wal`.
fn variant_version<'a>(name: &str, file: &'a str) -> Option<&'a str> {
    let rest = file.strip_prefix(name)?.strip_suffix("sql")?;
    match rest.strip_prefix('.')? {
        "" => Some(""),
        version => version.strip_suffix('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_belongs_to_the_collector_whose_name_stands_before_its_first_dot() {
        assert_eq!(variant_version("wal", "wal.sql"), Some(""));
        assert_eq!(variant_version("wal", "wal.18.sql"), Some("18"));
        assert_eq!(variant_version("wal", "wal.1.10.sql"), Some("1.10"));
        assert_eq!(variant_version("wal", "wal_position.sql"), None);
        assert_eq!(variant_version("wal", "stat_wal.sql"), None);
    }
}
