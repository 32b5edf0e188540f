//! From estimates to the rows of a collector: totals first, so that no cap cuts
//! them off, then the relations, most wasted bytes first.

use std::cmp::Reverse;

use super::{Estimate, Quality};
use crate::rows::{MissingColumn, Row, Rows, Value};

/// The names under which one kind of relation is reported.
pub struct Shape {
    /// The first one is the database.
    pub labels: &'static [&'static str],
    pub bytes: &'static str,
    pub ratio: &'static str,
    pub size: &'static str,
    pub database_bytes: &'static str,
    pub database_size: &'static str,
    pub database_count: &'static str,
}

/// Collects the estimates of one database.
pub struct Report {
    shape: &'static Shape,
    label_columns: Vec<usize>,
    estimated: Vec<(Vec<Value>, Estimate)>,
    unknown: usize,
    database: Value,
}

impl Report {
    pub fn new(shape: &'static Shape, rows: &Rows) -> Result<Self, MissingColumn> {
        let label_columns =
            shape.labels.iter().map(|label| rows.column(label)).collect::<Result<_, _>>()?;
        Ok(Self { shape, label_columns, estimated: Vec::new(), unknown: 0, database: Value::Null })
    }

    /// A relation that has no estimate is counted, and nothing else is said. A
    /// row without a relation only says that the database is there.
    pub fn add(&mut self, row: Row, estimate: Option<Estimate>) {
        let labels: Vec<_> =
            self.label_columns.iter().map(|column| row.value(*column).clone()).collect();
        if let Some(database) = labels.first() {
            self.database = database.clone();
        }
        match estimate {
            _ if labels.last() == Some(&Value::Null) => {}
            Some(estimate) => self.estimated.push((labels, estimate)),
            None => self.unknown += 1,
        }
    }

    pub fn into_rows(mut self) -> Rows {
        let shape = self.shape;
        let measures = [shape.bytes, shape.ratio, shape.size];
        let totals = [shape.database_bytes, shape.database_size, shape.database_count];
        let columns = shape.labels.iter().chain(&["quality"]).chain(&measures).chain(&totals);
        let mut rows = Rows::new(columns.copied());
        if self.database == Value::Null {
            return rows;
        }
        let width = shape.labels.len();
        let database = |quality: Value, totals: [Value; 3]| {
            let mut row = vec![Value::Null; width + 1 + measures.len()];
            row[0] = self.database.clone();
            row[width] = quality;
            row.extend(totals);
            row
        };
        let sum = |bytes: fn(&Estimate) -> f64| {
            self.estimated.iter().map(|(_, estimate)| bytes(estimate)).sum::<f64>()
        };
        let wasted = sum(|estimate| estimate.wasted_bytes);
        let size = sum(|estimate| estimate.bytes);
        rows.push(database(Value::Null, [wasted.into(), size.into(), Value::Null]));
        let having = |quality| {
            self.estimated.iter().filter(|(_, estimate)| estimate.quality == quality).count()
        };
        let counts = [
            (label(Quality::Good), having(Quality::Good)),
            (label(Quality::Low), having(Quality::Low)),
            ("unknown", self.unknown),
        ];
        for (quality, count) in counts {
            rows.push(database(quality.into(), [Value::Null, Value::Null, (count as f64).into()]));
        }
        self.estimated.sort_by_key(|(_, estimate)| Reverse(estimate.wasted_bytes as u64));
        for (labels, estimate) in self.estimated {
            let numbers = [estimate.wasted_bytes, estimate.ratio(), estimate.bytes];
            let cells = labels.into_iter().chain([label(estimate.quality).into()]);
            rows.push(cells.chain(numbers.map(Value::from)).chain([
                Value::Null,
                Value::Null,
                Value::Null,
            ]));
        }
        rows
    }
}

fn label(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "good",
        Quality::Low => "low",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        labels: &["datname", "relname"],
        bytes: "bytes",
        ratio: "ratio",
        size: "size",
        database_bytes: "all_bytes",
        database_size: "all_size",
        database_count: "count",
    };

    fn report(relations: &[(Option<&str>, Option<Estimate>)]) -> Rows {
        let mut rows = Rows::new(["datname", "relname"]);
        for (relname, _) in relations {
            rows.push(["d".into(), (*relname).into()]);
        }
        let mut report = Report::new(&SHAPE, &rows).unwrap();
        for (row, (_, estimate)) in rows.iter().zip(relations) {
            report.add(row, *estimate);
        }
        report.into_rows()
    }

    fn estimate(wasted_bytes: f64, quality: Quality) -> Option<Estimate> {
        Some(Estimate { bytes: 100.0, wasted_bytes, quality })
    }

    #[test]
    fn totals_come_first_and_then_the_worst() {
        let rows = report(&[
            (Some("small"), estimate(10.0, Quality::Low)),
            (Some("none"), None),
            (Some("large"), estimate(40.0, Quality::Good)),
        ]);
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.text(1), row.text(2), row.number(3), row.number(4)))
            .collect();
        let numbers = |column| rows.iter().filter_map(|row| row.number(column)).collect::<Vec<_>>();
        assert_eq!(
            seen[4..],
            [
                (Some("large"), Some("good"), Some(40.0), Some(0.4)),
                (Some("small"), Some("low"), Some(10.0), Some(0.1)),
            ]
        );
        assert_eq!(
            (numbers(6), numbers(7), numbers(8)),
            (vec![50.0], vec![200.0], vec![1.0, 1.0, 1.0])
        );
    }

    #[test]
    fn a_database_without_tables_has_no_bloat() {
        let rows = report(&[(None, None)]);
        let total = rows.iter().next().unwrap();
        assert_eq!((rows.len(), total.text(0), total.number(6)), (4, Some("d"), Some(0.0)));
    }
}
