//! What must hold for the catalogue, found without a database.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::{
    Area, Collector, DYNAMIC, HISTOGRAM_SUFFIXES, Kind, Metric, Software, Top, VersionedBy,
};
use crate::{lessons, transform};

/// Something wrong in a file, told to the person who can mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    file: String,
    line: Option<usize>,
    message: String,
}

impl Problem {
    pub fn new(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, message: message.into() }
    }

    pub fn at(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: Some(line), message: message.into() }
    }

    /// With the line that its message is about, if it begins with the key there.
    pub fn located(mut self, text_of: impl Fn(&str) -> Option<String>) -> Self {
        let key = self.message.split([' ', ':', ',']).next().unwrap_or_default();
        if let (None, Some(text)) = (self.line, text_of(&self.file)) {
            let is_there = |line: &str| line.trim_start().trim_start_matches('"').starts_with(key);
            self.line = text.lines().position(is_there).map(|line| line + 1);
        }
        self
    }

    /// The parser's message with its line, and without the text of the line.
    pub fn in_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map(|before| before.matches('\n').count() + 1);
        Self { file: file.to_owned(), line, message: error.message().to_owned() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// Everything that must hold for the collectors together and one by one.
pub(super) fn all(collectors: &[Arc<Collector>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut declared: HashMap<String, &str> = HashMap::new();
    for collector in collectors {
        let file = &collector.file;
        problems.extend(one(collector).into_iter().map(|message| Problem::new(file, message)));
        for metric in &collector.metrics {
            for name in names(metric) {
                if let Some(other) = declared.insert(name.clone(), &collector.file) {
                    let message = format!("{name} is declared in {other} already");
                    problems.push(Problem::new(file, message));
                }
            }
        }
    }
    problems
}

/// Every name that a metric takes on the page.
fn names(metric: &Metric) -> Vec<String> {
    let suffixes: &[&str] = match metric.kind {
        Kind::Histogram => &HISTOGRAM_SUFFIXES,
        _ => &[],
    };
    let name = &metric.name;
    let samples = suffixes.iter().map(|suffix| format!("{name}{suffix}"));
    std::iter::once(name.clone()).chain(samples).collect()
}

fn one(collector: &Collector) -> Vec<String> {
    let mut problems = Vec::new();
    let mut require = |holds: bool, message: &dyn Fn() -> String| {
        if !holds {
            problems.push(message());
        }
    };

    require(collector.timeout < collector.interval, &|| {
        "timeout must be below interval, or polls pile up".into()
    });
    require(lessons::section(&collector.lesson).is_some(), &|| {
        format!("lesson \"{}\" is not in the lesson table", collector.lesson)
    });
    let is_ours = collector.area != Area::Custom;
    require(!is_ours || is_sentence(&collector.about), &|| "about must be a sentence".into());
    require(collector.max_rows > 0, &|| "max_rows must be at least 1".into());
    require(collector.is_polled() == (collector.area != Area::Exporter), &|| {
        "a collector has SQL, unless its area is exporter".into()
    });
    require(!collector.metrics.is_empty(), &|| "no metric is declared".into());
    require(!is_ours || collector.labels.iter().all(|label| is_name(label)), &|| {
        "labels: lower-case letters, digits and underscores".into()
    });
    require(collector.labels.iter().all(|label| is_label(label)), &|| {
        "labels: expected letters, digits and underscores; target is set by pglens".into()
    });
    if let Some(name) = &collector.transform {
        require(transform::by_name(name).is_some(), &|| format!("no transform \"{name}\""));
    }
    if let Some(top) = &collector.top {
        problems_of_top(top, collector, &mut require);
    }
    if let Some(until) = collector.until {
        require(until >= collector.since, &|| "until is before since".into());
    }

    for variant in &collector.variants {
        require(!variant.sql.trim_end().ends_with(';'), &|| {
            format!("{}: one statement, without a semicolon at its end", variant.file)
        });
    }
    let versions: HashSet<_> = collector.variants.iter().map(|variant| &variant.from).collect();
    require(versions.len() == collector.variants.len(), &|| {
        "two variants begin at the same version".into()
    });
    // The lowest variant carries the collector from its first version on and
    // every other one to its successor, so coverage has neither gap nor overlap
    // exactly if the lowest begins where the collector does.
    if let (VersionedBy::Server, Some(first)) = (&collector.versions, collector.variants.first()) {
        require(first.from == super::Version::major(collector.since), &|| {
            format!("since = {} but the first variant is for {}", collector.since, first.from)
        });
    }

    for metric in &collector.metrics {
        problems.extend(metric_problems(metric, collector));
    }
    problems
}

/// What `[top]` names must exist, and what it keeps must fit.
fn problems_of_top(
    top: &Top,
    collector: &Collector,
    require: &mut impl FnMut(bool, &dyn Fn() -> String),
) {
    require(collector.transform.is_none(), &|| "[top] is the transform, there is no other".into());
    require(!top.by.is_empty() && top.keep >= top.by.len(), &|| {
        "[top] keeps at least one for each criterion".into()
    });
    require(top.keep < collector.max_rows, &|| {
        "max_rows must have room for what [top] keeps, and for the rest".into()
    });
    require(top.hold >= collector.interval, &|| "hold must not be below interval".into());
    require(top.key.contains(&top.other), &|| {
        format!("other = \"{}\" is not among [top]'s key", top.other)
    });
    for label in &top.key {
        require(collector.labels.contains(label), &|| {
            format!("key: \"{label}\" is not among the collector's labels")
        });
    }
    for name in &top.by {
        let is_metric = collector.metrics.iter().any(|metric| metric.name == *name);
        let in_all = collector.variants.iter().all(|variant| has_word(&variant.sql, name));
        require(
            in_all && (is_metric || name.starts_with("rank:") || name.starts_with("growth:")),
            &|| format!("by: \"{name}\" is not a metric, rank:… or growth:… of every variant"),
        );
    }
    // A counter that stands still is true of what is gone, a value is not; and a
    // counter goes on only where growth is added up.
    let only_counts = collector.metrics.iter().all(|metric| metric.kind == Kind::Counter);
    let in_parts = collector.variants.iter().all(|variant| variant.sql.contains("\"part:"));
    require(!top.evicted || (only_counts && in_parts), &|| {
        "evicted: it needs counters only, and a part:… in every variant".into()
    });
    let other = collector.labels.iter().position(|label| *label == top.other);
    for metric in collector.metrics.iter().filter(|metric| metric.summed) {
        require(other.is_some_and(|label| metric.labels.contains(&label)), &|| {
            format!("{}: without the label \"{}\" it needs other = false", metric.name, top.other)
        });
    }
}

fn metric_problems(metric: &Metric, collector: &Collector) -> Vec<String> {
    let name = metric.dynamic_prefix().unwrap_or(&metric.name);
    let mut problems = match collector.area {
        Area::Custom => unusable(name).map(|why| format!("{name}: {why}")).into_iter().collect(),
        _ => style(metric, name),
    };
    if metric.kind == Kind::Histogram && collector.top.is_some() {
        problems.push(format!("{name}: [top] has no histograms"));
    }
    // A transform makes its columns itself, and so does the log; otherwise the alias must stand in
    // the SQL, so that one search finds declaration and query.
    let columns = columns(metric, name);
    let in_sql = collector
        .variants
        .iter()
        .any(|variant| columns.iter().all(|column| has_word(&variant.sql, column)));
    let of_console = collector.software == Software::PgBouncer;
    if collector.is_polled() && of_console != metric.figure.is_some() {
        problems.push(format!("{name}: figure = \"…\" is for PgBouncer, and needed there"));
    }
    if collector.is_polled() && !collector.makes_columns() && !in_sql {
        let what = if columns == [name] { "a column of that name" } else { &columns.join(", ") };
        problems.push(format!("{name}: no variant has {what}"));
    }
    problems
}

/// What must stand in the SQL for a metric to be fed.
fn columns(metric: &Metric, name: &str) -> Vec<String> {
    match metric.kind {
        Kind::Histogram => ["le", "sum", "count"].map(|part| format!("{name}:{part}")).to_vec(),
        _ if metric.dynamic_prefix().is_some() => DYNAMIC.map(str::to_owned).to_vec(),
        _ => vec![name.to_owned()],
    }
}

/// How our own metrics are named and explained.
fn style(metric: &Metric, name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let prefixed = ["pg_", "pgbouncer_", "pglens_"].iter().any(|prefix| name.starts_with(prefix));
    if !is_name(name) || !prefixed {
        problems.push(format!("{name}: expected pg_…, pgbouncer_… or pglens_… in lower case"));
    }
    if !is_sentence(&metric.help) {
        problems.push(format!("{name}: help must be a sentence that ends with a full stop"));
    }
    if metric.kind == Kind::Untyped && !metric.compat {
        problems.push(format!("{name}: what is new has a type"));
    }
    if !metric.compat {
        if (metric.kind == Kind::Counter) != name.ends_with("_total") {
            problems.push(format!("{name}: a counter ends in _total, and nothing else does"));
        }
        for suffix in ["_ms", "_milliseconds", "_minutes", "_kb", "_mb", "_percent", "_count"] {
            if name.trim_end_matches("_total").ends_with(suffix) {
                problems.push(format!("{name}: {suffix} is not a base unit or a noun"));
            }
        }
    }
    problems
}

/// Why a metric of the user's own cannot have this name.
pub(super) fn unusable(name: &str) -> Option<&'static str> {
    if !is_identifier(name) {
        Some("a metric's name is letters, digits and underscores")
    } else if name.starts_with("pglens_") || name.starts_with("process_") {
        Some("names that begin with pglens_ or process_ are what this program says about itself")
    } else if name.len() > 63 {
        Some("PostgreSQL cuts names of columns after 63 bytes")
    } else {
        None
    }
}

/// Whether a column can be a label: `target` says which server a series is of.
pub(super) fn is_label(text: &str) -> bool {
    is_identifier(text) && !text.starts_with("__") && text != "target"
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether `word` stands in `text` by itself and not inside a longer name.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_sentence(text: &str) -> bool {
    text.starts_with(|c: char| !c.is_whitespace()) && text.ends_with(['.', '?'])
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    const SQL: &str = "select 1 as pg_x_total, 2 as pg_y, 3 as \"rank:size\"";

    /// The problems of a collector with this `[top]` and these metrics.
    fn problems(top: &str, metrics: &str) -> Vec<String> {
        let declaration = format!(
            "about = \"Made up.\"\nlesson = \"key-metrics#connections\"\narea = \"activity\"\n\
             interval = \"5s\"\ntimeout = \"1s\"\nruns_on = \"any\"\nscope = \"server\"\n\
             labels = [\"datname\", \"relname\"]\nmax_rows = 9\n{top}\n[metrics]\n\
             pg_x_total = {{ counter = \"X.\" }}\npg_y = {{ gauge = \"Y.\"{metrics} }}"
        );
        let files = [("x.toml".into(), declaration), ("x.sql".into(), SQL.into())];
        let problems = Catalog::from_files(files).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    fn top(keep: usize, by: &str, key: &str) -> String {
        format!("[top]\nkeep = {keep}\nby = [\"{by}\"]\nkey = [\"{key}\"]\nother = \"relname\"")
    }

    #[test]
    fn what_top_names_exists_and_what_it_keeps_fits() {
        let none: [String; 0] = [];
        assert_eq!(problems(&top(8, "rank:size", "relname"), ", other = true"), none);
        assert_eq!(problems(&top(8, "pg_x_total", "relname"), ""), none);
        for (top, metrics, says) in [
            (top(9, "pg_y", "relname"), "", "max_rows"),
            (top(0, "pg_y", "relname"), "", "at least one"),
            (top(8, "rank:pages", "relname"), "", "rank:pages"),
            (top(8, "relname", "relname"), "", "by: \"relname\""),
            (top(8, "pg_y", "datname"), "", "not among [top]'s key"),
            (top(8, "pg_y", "schema"), "", "not among the collector's labels"),
            (top(8, "pg_y", "relname"), ", other = true, labels = [\"datname\"]", "other = false"),
            (format!("{}\nevicted = true", top(8, "pg_y", "relname")), "", "counters only"),
            (String::new(), ", other = true", "not there"),
        ] {
            let problems = problems(&top, metrics);
            assert!(problems.iter().any(|problem| problem.contains(says)), "{says}: {problems:?}");
        }
    }
}
