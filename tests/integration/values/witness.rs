//! Witnesses: plain SQL that says what the page should show, one file a collector.
//!
//! `tests/values/<scene>/<collector>.sql` is asked on the scene's server, and
//! `<collector>.17.sql` instead of it from 17 on. Columns are named like the
//! collector's labels and metrics. A number is the value, an array of two its lowest
//! and its highest, and NULL is no sample. A lowest of NULL says: or no sample. Where
//! names are not known before, as with a histogram's, rows are of `metric` and `value`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pglens::catalog::{Catalog, Collector, Scope};
use serde::Deserialize;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

/// The lowest and the highest that a series may be; none where it may not be at all,
/// and negative infinity where it may be absent.
pub type Bounds = Option<(f64, f64)>;

pub fn may_be_absent(bounds: Option<&Bounds>) -> bool {
    bounds.is_some_and(|bounds| bounds.is_some_and(|(lowest, _)| lowest == f64::NEG_INFINITY))
}

/// What SQL says of all series of one scene.
pub type Truth = BTreeMap<String, Bounds>;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/values")
}

/// What no witness says, and where zero is the truth, each with the reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    /// Collectors without a witness.
    pub collectors: BTreeMap<String, String>,
    /// Metrics that no witness has. A name may end in `*`.
    pub metrics: BTreeMap<String, String>,
    /// Metrics by scene that are zero or absent there on some version.
    pub quiet: BTreeMap<String, BTreeMap<String, String>>,
}

impl Exceptions {
    pub fn read() -> Self {
        let text = std::fs::read_to_string(folder().join("exceptions.toml")).unwrap();
        toml::from_str(&text).unwrap()
    }

    pub fn has_no_witness(&self, metric: &str) -> bool {
        self.metrics.keys().any(|pattern| fits(pattern, metric))
    }

    pub fn may_be_quiet(&self, scene: &str, metric: &str) -> bool {
        let quiet = self.quiet.get(scene);
        quiet.is_some_and(|names| names.keys().any(|pattern| fits(pattern, metric)))
    }

    /// Names in the table that nobody has.
    pub fn of_nothing(&self, scenes: &[&str], catalog: &Catalog) -> Vec<String> {
        let collectors = catalog.collectors();
        let metrics: Vec<_> = collectors.iter().flat_map(|c| &c.metrics).collect();
        let is_none = |pattern: &&String| !metrics.iter().any(|m| fits(pattern, &m.name));
        let unknown = |name: &&String| catalog.collector(name).is_none();
        let elsewhere = |scene: &&String| !scenes.contains(&scene.as_str());
        let quiet = self.quiet.values().flat_map(BTreeMap::keys);
        let names = self.collectors.keys().filter(unknown);
        let names = names.chain(self.quiet.keys().filter(elsewhere));
        names
            .chain(self.metrics.keys().chain(quiet).filter(is_none))
            .map(|name| format!("exceptions.toml has {name}, which is nothing"))
            .collect()
    }
}

/// Whether a pattern is the metric's name, or its beginning and `*`.
fn fits(pattern: &str, metric: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => metric.starts_with(beginning),
        None => metric == pattern,
    }
}

/// One file.
#[derive(Debug)]
pub struct Witness {
    pub file: PathBuf,
    pub collector: Arc<Collector>,
    pub from: u32,
    pub sql: String,
}

impl Witness {
    /// All files of a scene, those of one collector by version.
    pub fn all(scene: &str, catalog: &Catalog) -> Vec<Self> {
        let mut files: Vec<_> = std::fs::read_dir(folder().join(scene))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let mut all: Vec<_> = files.into_iter().map(|file| Self::read(file, catalog)).collect();
        all.sort_by(|a, b| (&a.collector.name, a.from).cmp(&(&b.collector.name, b.from)));
        all
    }

    fn read(file: PathBuf, catalog: &Catalog) -> Self {
        let name = file.file_name().unwrap().to_str().unwrap();
        let stem = name.strip_suffix(".sql").unwrap_or_else(|| panic!("{name} is no .sql"));
        let (collector, from) = stem.split_once('.').unwrap_or((stem, "0"));
        let collector = catalog
            .collector(collector)
            .unwrap_or_else(|| panic!("{} names no collector", file.display()))
            .clone();
        let from = from.parse().unwrap_or_else(|_| panic!("{} names no version", file.display()));
        let sql = std::fs::read_to_string(&file).unwrap();
        assert!(sql.starts_with("-- "), "{} does not say what it checks", file.display());
        Self { file, collector, from, sql }
    }

    /// Those that speak for one major version.
    pub fn of_major(scene: &str, catalog: &Catalog, major: u32) -> Vec<Self> {
        let applies = |witness: &Self| {
            let Collector { since, until, .. } = *witness.collector;
            witness.from <= major && since <= major && until.is_none_or(|until| major <= until)
        };
        let mut chosen: Vec<Self> = Vec::new();
        for witness in Self::all(scene, catalog).into_iter().filter(applies) {
            match chosen.last_mut() {
                Some(last) if last.collector.name == witness.collector.name => *last = witness,
                _ => chosen.push(witness),
            }
        }
        chosen
    }

    /// Whether a metric's name is a word of the text, or a histogram's count is.
    pub fn names(&self, metric: &str) -> bool {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut words = self.sql.split(|c| !is_word(c));
        words.any(|word| word == metric || word.strip_suffix("_count") == Some(metric))
    }

    pub fn is_asked_in_each_database(&self) -> bool {
        self.collector.scope == Scope::Database
    }

    /// Asks in the database of the session, and adds the answer to the truth.
    pub async fn ask(&self, session: &mut PgConnection, truth: &mut Truth) -> Result<(), String> {
        let file = self.file.display();
        let sql = format!("select row_to_json(w)::text from (\n{}\n) w", self.sql);
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(session)
            .await
            .map_err(|error| format!("{file}: {error}"))?;
        for row in rows {
            let row: BTreeMap<String, Value> = serde_json::from_str(&row).unwrap();
            for (series, bounds) in self.series(&row) {
                let known = truth.entry(series.clone()).or_default();
                if known.is_some() && bounds.is_some() && *known != bounds {
                    return Err(format!("{file}: {series} is {known:?} and {bounds:?}"));
                }
                *known = known.or(bounds);
            }
        }
        Ok(())
    }

    /// The series of one row.
    fn series(&self, row: &BTreeMap<String, Value>) -> Vec<(String, Bounds)> {
        let (file, collector) = (self.file.display(), &self.collector);
        if let (Some(Value::String(name)), Some(value)) = (row.get("metric"), row.get("value")) {
            return vec![(name.clone(), bounds(value))];
        }
        let mut unknown: BTreeSet<_> = row.keys().map(String::as_str).collect();
        collector.labels.iter().for_each(|label| {
            unknown.remove(label.as_str());
        });
        let mut series = Vec::new();
        for metric in &collector.metrics {
            let Some(value) = row.get(&metric.name) else { continue };
            unknown.remove(metric.name.as_str());
            let labels = metric.labels.iter().map(|label| collector.labels[*label].as_str());
            let labels = labels.filter_map(|label| Some((label, text(row.get(label)?)?)));
            let mut name = metric.name.clone();
            pglens::expose::push_labels(&mut name, labels);
            series.push((name, bounds(value)));
        }
        assert!(unknown.is_empty(), "{file}: the collector has no {unknown:?}");
        series
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}

fn bounds(value: &Value) -> Bounds {
    match value {
        Value::Null => None,
        Value::Array(both) => {
            let [lowest, highest] = both.as_slice() else { panic!("{value} is no pair") };
            let lowest = if lowest.is_null() { f64::NEG_INFINITY } else { number(lowest) };
            Some((lowest, number(highest)))
        }
        value => Some((number(value), number(value))),
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}
