//! What the user includes and excludes, by label.

use std::collections::BTreeMap;

use regex_lite::Regex;

use crate::catalog::Collector;
use crate::rows::{Row, Rows};

/// Patterns by label name. A pattern matches the whole value, as in Prometheus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    include: BTreeMap<String, Vec<Pattern>>,
    exclude: BTreeMap<String, Vec<Pattern>>,
}

#[derive(Clone, Debug)]
struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// A pattern that is no regular expression.
#[derive(Debug, thiserror::Error)]
#[error("the pattern for label \"{label}\" is no regular expression: {error}")]
pub struct InvalidPattern {
    label: String,
    error: regex_lite::Error,
}

impl Filter {
    pub fn new(
        include: &BTreeMap<String, Vec<String>>,
        exclude: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self, InvalidPattern> {
        Ok(Self { include: compiled(include)?, exclude: compiled(exclude)? })
    }

    /// Drops rows with a label that is excluded, or not included where something
    /// is. Rows without the label stay: they are about something else.
    pub fn apply(&self, collector: &Collector, rows: &mut Rows) {
        let labels: Vec<(usize, &str)> = collector
            .labels
            .iter()
            .filter(|label| self.include.contains_key(*label) || self.exclude.contains_key(*label))
            .filter_map(|label| Some((rows.column(label).ok()?, label.as_str())))
            .collect();
        if !labels.is_empty() {
            rows.retain(|row| labels.iter().all(|(column, label)| self.keeps(row, *column, label)));
        }
    }

    fn keeps(&self, row: Row<'_>, column: usize, label: &str) -> bool {
        let Some(value) = row.text(column) else { return true };
        let any =
            |patterns: &Vec<Pattern>| patterns.iter().any(|pattern| pattern.0.is_match(value));
        self.include.get(label).is_none_or(any) && !self.exclude.get(label).is_some_and(any)
    }
}

fn compiled(
    patterns: &BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, Vec<Pattern>>, InvalidPattern> {
    patterns
        .iter()
        .map(|(label, patterns)| {
            let regexes = patterns
                .iter()
                .map(|pattern| Regex::new(&format!("^(?:{pattern})$")).map(Pattern))
                .collect::<Result<_, _>>()
                .map_err(|error| InvalidPattern { label: label.clone(), error })?;
            Ok((label.clone(), regexes))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn patterns(label: &str, patterns: &[&str]) -> BTreeMap<String, Vec<String>> {
        BTreeMap::from([(label.into(), patterns.iter().map(|&pattern| pattern.into()).collect())])
    }

    fn left(filter: &Filter) -> usize {
        let catalog = Catalog::builtin().unwrap();
        let collector = catalog.collector("locks").unwrap();
        let mut rows = Rows::new(["datname", "mode", "pg_locks_count"]);
        for datname in ["app", "application", "test"] {
            rows.push([datname.into(), "x".into(), 1.0.into()]);
        }
        rows.push([crate::rows::Value::Null, "x".into(), 1.0.into()]);
        filter.apply(collector, &mut rows);
        rows.len()
    }

    #[test]
    fn patterns_match_whole_values_and_rows_without_the_label_stay() {
        let none = BTreeMap::new();
        let only = Filter::new(&patterns("datname", &["app"]), &none).unwrap();
        assert_eq!(left(&only), 2);
        let without = Filter::new(&none, &patterns("datname", &["app.*", "x"])).unwrap();
        assert_eq!(left(&without), 2);
        assert_eq!(left(&Filter::default()), 4);
        assert!(Filter::new(&patterns("datname", &["("]), &none).is_err());
    }
}
