//! Prometheus' text format 0.0.4, written straight from rows.
//!
//! The labels of a row are written once and shared by all its samples. Rows are
//! held against each other here: two rows with the same labels would be two
//! samples of one series, so the second is dropped and counted.

use std::collections::HashMap;
use std::fmt::Write;

use super::encoded::{Dynamic, Encoded, push_number};
use super::histogram;
use super::labels::{Labels, Series, write_labels};
use crate::catalog::{Collector, DYNAMIC, Kind, Metric};
use crate::rows::{Rows, Value};

/// The lines that open a family.
pub fn header(out: &mut String, name: &str, kind: Kind, help: &str) {
    let help = help.replace('\\', "\\\\").replace('\n', "\\n");
    let kind = kind.as_str();
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

/// Encodes all samples. Columns that are neither labels nor metrics are the
/// caller's to refuse; NULL is no sample and no label.
pub fn encode(collector: &Collector, rows: &Rows, series: &Series) -> Encoded {
    let label_columns: Vec<Option<usize>> =
        collector.labels.iter().map(|label| rows.column(label).ok()).collect();

    let mut encoded = Encoded::default();
    let mut written: HashMap<&[usize], Vec<Labels>> = HashMap::new();
    for metric in &collector.metrics {
        let mut out = String::new();
        let labels = written.entry(&metric.labels).or_insert_with(|| {
            write_labels(collector, &metric.labels, &label_columns, rows, series)
        });
        match metric.dynamic_prefix() {
            Some(prefix) => encode_dynamic(metric.kind, prefix, rows, labels, &mut encoded),
            None if metric.kind == Kind::Histogram => {
                histogram::encode(&mut out, metric, rows, labels, &mut encoded);
            }
            None => encode_metric(&mut out, metric, rows, labels, &mut encoded),
        }
        encoded.samples.push(out);
    }
    encoded
}

fn encode_metric(
    out: &mut String,
    metric: &Metric,
    rows: &Rows,
    labels: &[Labels],
    encoded: &mut Encoded,
) {
    let Ok(column) = rows.column(&metric.name) else { return };
    let mut seen = vec![false; labels.len()];
    for (row, labels) in rows.iter().zip(labels) {
        let number = match row.value(column) {
            Value::Null => continue,
            Value::Number(number) => *number,
            // A query's mistake, which is to be seen somewhere.
            Value::Text(_) => f64::NAN,
        };
        if number.is_nan() || (metric.kind == Kind::Counter && number < 0.0) {
            encoded.invalid += 1;
        } else if std::mem::replace(&mut seen[labels.identity], true) {
            encoded.duplicates += 1;
        } else {
            encoded.series += 1;
            out.push_str(&metric.name);
            out.push_str(&labels.text);
            out.push(' ');
            push_number(out, number);
            out.push('\n');
        }
    }
}

/// Rows of `metric`, `help` and `value`. A name that is none is dropped as invalid.
fn encode_dynamic(kind: Kind, prefix: &str, rows: &Rows, labels: &[Labels], encoded: &mut Encoded) {
    let [Ok(name_column), Ok(help_column), Ok(column)] = DYNAMIC.map(|name| rows.column(name))
    else {
        return;
    };
    for (row, labels) in rows.iter().zip(labels) {
        let (Some(name), Some(number)) = (row.text(name_column), row.number(column)) else {
            continue;
        };
        let valid = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !name.starts_with(prefix) || !valid || number.is_nan() {
            encoded.invalid += 1;
            continue;
        }
        let family = encoded.dynamic.entry(name.to_owned()).or_insert_with(|| Dynamic {
            help: row.text(help_column).unwrap_or_default().to_owned(),
            kind,
            samples: String::new(),
        });
        let series = format!("{name}{} ", labels.text);
        if family.samples.lines().any(|line| line.starts_with(&series)) {
            encoded.duplicates += 1;
            continue;
        }
        encoded.series += 1;
        family.samples.push_str(&series);
        push_number(&mut family.samples, number);
        family.samples.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    const DECLARATION: &str = r#"
        about = "Made up."
        lesson = "key-metrics#connections"
        area = "activity"
        interval = "5s"
        timeout = "1s"
        runs_on = "any"
        scope = "server"
        labels = ["datname", "kind"]
        max_rows = 9
        [metrics]
        pg_a_total = { counter = "A." }
        pg_b = { gauge = "B.", labels = ["datname"] }
    "#;
    const SQL: &str = "select 1 as pg_a_total, 2 as pg_b";

    type Sample<'a> = (Option<&'a str>, &'a str, Option<f64>, Option<f64>);

    fn encoded(rows: &[Sample<'_>]) -> Encoded {
        let catalog = Catalog::from_files([
            ("x.toml".to_owned(), DECLARATION.to_owned()),
            ("x.sql".to_owned(), SQL.to_owned()),
        ])
        .unwrap();
        let mut all = Rows::new(["datname", "kind", "pg_a_total", "pg_b"]);
        for (datname, kind, a, b) in rows {
            all.push([(*datname).into(), (*kind).into(), (*a).into(), (*b).into()]);
        }
        encode(&catalog.collectors()[0], &all, &Series::default())
    }

    #[test]
    fn null_is_neither_sample_nor_label() {
        let e = encoded(&[(None, "x", Some(1.0), None), (Some("d"), "x", None, Some(0.5))]);
        assert_eq!(e.samples, ["pg_a_total{kind=\"x\"} 1\n", "pg_b{datname=\"d\"} 0.5\n"]);
        assert_eq!(e.series, 2);
    }

    #[test]
    fn a_second_row_with_the_same_labels_is_dropped_and_counted() {
        let e = encoded(&[
            (Some("d"), "x", Some(1.0), Some(1.0)),
            (Some("d"), "y", Some(2.0), Some(2.0)),
            (Some("d"), "x", Some(3.0), None),
        ]);
        assert_eq!(e.samples[0].lines().count(), 2);
        assert_eq!(e.samples[1], "pg_b{datname=\"d\"} 1\n");
        assert_eq!(e.duplicates, 2);
    }

    #[test]
    fn a_counter_is_never_negative_and_no_sample_is_not_a_number() {
        let e = encoded(&[(Some("d"), "x", Some(-1.0), Some(f64::NAN))]);
        assert_eq!(e.samples, ["", ""]);
        assert_eq!(e.invalid, 2);
    }

    #[test]
    fn a_text_is_no_sample_and_counted() {
        let catalog = Catalog::builtin().unwrap();
        let mut rows = Rows::new(["datname", "mode", "pg_locks_count"]);
        rows.push(["d".into(), "m".into(), "3".into()]);
        let locks = catalog.collector("locks").unwrap();
        assert_eq!(encode(locks, &rows, &Series::default()).invalid, 1);
    }

    #[test]
    fn values_and_labels_are_written_as_prometheus_reads_them() {
        let e = encoded(&[(
            Some("a\"b\\c\nd"),
            "é",
            Some(9_007_199_254_740_992.0),
            Some(f64::INFINITY),
        )]);
        assert_eq!(
            e.samples,
            [
                "pg_a_total{datname=\"a\\\"b\\\\c\\nd\",kind=\"é\"} 9007199254740992\n",
                "pg_b{datname=\"a\\\"b\\\\c\\nd\"} +Inf\n",
            ]
        );
    }
}
