//! `--extend.query-path`: postgres_exporter's queries.yaml as collectors of ours.
//!
//! Each namespace becomes one collector that runs in the configured database, on
//! primaries and standbys. `master` is accepted and changes nothing: there it
//! keeps a query out of databases that were discovered, and means no role.

mod statement;
mod values;
mod versions;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    Area, Catalog, Collector, Kind, Metric, Preset, Problem, Reads, RunsOn, Scope, Software,
    Variant, Version,
};
use super::{VersionedBy, check, load};
use crate::yaml::{self, Entries};

/// A query there runs with every scrape, and nobody scrapes more often than this.
const LEAST_INTERVAL: Duration = Duration::from_secs(15);
/// Clocks overflow at some point, and who means "never" means this.
const MOST_INTERVAL: Duration = Duration::from_hours(24);
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_ROWS: usize = 1000;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Namespace {
    query: Option<Spanned<String>>,
    metrics: Option<Vec<Entries<Column>>>,
    #[serde(rename = "master")]
    _master: Option<bool>,
    cache_seconds: Option<u64>,
    runonserver: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Column {
    usage: Option<String>,
    description: Option<String>,
    #[serde(rename = "metric_mapping")]
    _metric_mapping: Option<serde::de::IgnoredAny>,
}

/// The collectors in `text`, and what in it cannot be had. Names that `known`
/// declares stay with it: a page cannot have two declarations of one name.
pub fn read(
    file: &str,
    text: &str,
    known: &Catalog,
) -> Result<(Vec<Collector>, Vec<Problem>), Problem> {
    let namespaces: Entries<Namespace> =
        yaml::parse(text).map_err(|error| Problem::at(file, error.line, error.message))?;
    let mut reader = Reader { file, known, taken: HashSet::new(), left_out: Vec::new() };
    let collectors = namespaces
        .0
        .into_iter()
        .filter_map(|(name, namespace)| match reader.collector(&name, namespace) {
            Ok(collector) => Some(collector),
            Err((line, why)) => {
                reader.leave_out(line, &name.value, &why);
                None
            }
        })
        .collect();
    Ok((collectors, reader.left_out))
}

struct Reader<'a> {
    file: &'a str,
    known: &'a Catalog,
    /// Metrics of the namespaces so far.
    taken: HashSet<String>,
    left_out: Vec<Problem>,
}

/// A line, and why nothing can be made of what stands there.
type Refused = (usize, String);

impl Reader<'_> {
    fn leave_out(&mut self, line: usize, key: &str, why: &str) {
        self.left_out.push(Problem::at(self.file, line, format!("{key}: left out: {why}")));
    }

    fn collector(
        &mut self,
        name: &Spanned<String>,
        namespace: Namespace,
    ) -> Result<Collector, Refused> {
        let start = yaml::line(name.referenced);
        let query = namespace.query.ok_or((start, "it has no query".to_owned()))?;
        let at_query = |why: &str| (yaml::line(query.referenced), format!("query: {why}"));
        let statement = statement::single(&query.value).map_err(at_query)?;
        let (since, until) = match &namespace.runonserver {
            None => (*super::TESTED_MAJORS.start(), None),
            Some(range) => versions::majors(&range.value)
                .map_err(|why| (yaml::line(range.referenced), format!("runonserver: {why}")))?,
        };

        let columns = namespace.metrics.unwrap_or_default();
        let (labels, metrics) = self.columns(&name.value, columns);
        let metrics = self.without_known(name, metrics);
        if metrics.is_empty() {
            return Err((start, "no metric of it remains".to_owned()));
        }
        let sql = values::select(statement, &labels, &metrics);
        let collector = format!("custom_{}", name.value);
        if self.known.collector(&collector).is_some() {
            return Err((start, format!("there is a collector {collector} already")));
        }
        Ok(Collector {
            name: collector,
            file: self.file.to_owned(),
            software: Software::PostgreSql,
            from_queries_yaml: true,
            about: format!("Your query {}.", name.value),
            lesson: load::CUSTOM_LESSON.to_owned(),
            area: Area::Custom,
            interval: Duration::from_secs(namespace.cache_seconds.unwrap_or(0))
                .clamp(LEAST_INTERVAL, MOST_INTERVAL),
            timeout: TIMEOUT,
            runs_on: RunsOn::Any,
            scope: Scope::Server,
            // Who names a query wants it, however little else.
            preset: Preset::Minimal,
            since,
            until,
            versions: VersionedBy::Server,
            requires: Vec::new(),
            labels,
            max_rows: MAX_ROWS,
            reads: Reads::Answer,
            transform: None,
            top: None,
            pivot: None,
            metrics: metrics.into_iter().map(|(_, metric)| metric).collect(),
            variants: vec![Variant {
                from: Version::major(since),
                file: self.file.to_owned(),
                sql,
                interval: None,
            }],
        })
    }

    /// Labels, and metrics with what reads them.
    fn columns(
        &mut self,
        namespace: &str,
        columns: Vec<Entries<Column>>,
    ) -> (Vec<String>, Vec<(values::Source, Metric)>) {
        let columns: Vec<_> = columns.into_iter().flat_map(|entries| entries.0).collect();
        let (mut labels, mut metrics) = (Vec::new(), Vec::new());
        for (name, column) in &columns {
            let line = yaml::line(name.referenced);
            let key = format!("{namespace}.{}", name.value);
            match column.usage.as_deref().unwrap_or_default() {
                "DISCARD" => {}
                "LABEL" if labels.contains(&name.value) => {}
                "LABEL" if check::is_label(&name.value) => labels.push(name.value.clone()),
                "LABEL" => self.leave_out(line, &key, "no label can be called so"),
                usage => match self.metric(namespace, &name.value, usage, column) {
                    Ok(metric) => metrics.push(metric),
                    Err(why) => self.leave_out(line, &key, &why),
                },
            }
        }
        for (_, metric) in &mut metrics {
            metric.labels = (0..labels.len()).collect();
        }
        (labels, metrics)
    }

    /// Leaves to each collector the metrics that it has already.
    fn without_known(
        &mut self,
        namespace: &Spanned<String>,
        metrics: Vec<(values::Source, Metric)>,
    ) -> Vec<(values::Source, Metric)> {
        let mut clashes: BTreeMap<&str, (&Collector, Vec<String>)> = BTreeMap::new();
        let known = self.known;
        let metrics = metrics.into_iter().filter(|(_, metric)| {
            let owner = known.owner(&metric.name);
            if let Some(owner) = owner {
                let clash = clashes.entry(&owner.name).or_insert_with(|| (owner, Vec::new()));
                clash.1.push(metric.name.clone());
            }
            owner.is_none()
        });
        let metrics = metrics.collect();
        for (owner, names) in clashes.into_values() {
            let is_default = owner.preset <= Preset::default();
            let hint = if is_default { "" } else { ", which is off by default" };
            let why = format!("collector {} has {}{hint}", owner.name, names.join(", "));
            self.leave_out(yaml::line(namespace.referenced), &namespace.value, &why);
        }
        metrics
    }

    fn metric(
        &mut self,
        namespace: &str,
        column: &str,
        usage: &str,
        written: &Column,
    ) -> Result<(values::Source, Metric), String> {
        let number = |kind| (kind, format!("{namespace}_{column}"), values::Reading::Number);
        let (kind, name, reading) = match usage {
            "GAUGE" => number(Kind::Gauge),
            "COUNTER" => number(Kind::Counter),
            "DURATION" => {
                let name = format!("{namespace}_{column}_milliseconds");
                (Kind::Gauge, name, values::Reading::Milliseconds)
            }
            "HISTOGRAM" | "MAPPEDMETRIC" => return Err(format!("{usage} is not supported")),
            "" => return Err("it has no usage".to_owned()),
            _ => {
                return Err(format!(
                    "usage {usage}: expected LABEL, GAUGE, COUNTER, DURATION or DISCARD"
                ));
            }
        };
        if let Some(why) = check::unusable(&name) {
            return Err(format!("{name}: {why}"));
        }
        if !self.taken.insert(name.clone()) {
            return Err(format!("{name} is there already"));
        }
        let help = match written.description.as_deref().map(str::trim) {
            None | Some("") => format!("Column {column} of your query {namespace}."),
            Some(description) => description.to_owned(),
        };
        let source = values::Source { column: column.to_owned(), reading };
        Ok((
            source,
            Metric {
                name,
                kind,
                help,
                compat: true,
                labels: Vec::new(),
                summed: false,
                figure: None,
            },
        ))
    }
}

#[cfg(test)]
mod tests;
