//! Histograms: one row for each label set, whose columns are the buckets.

use std::fmt::Write;

use super::encoded::{Encoded, push_number};
use super::labels::Labels;
use crate::catalog::{Metric, Part};
use crate::rows::{Row, Rows};

/// Where the parts of a histogram stand in the rows.
struct Columns {
    /// Ascending by bound.
    buckets: Vec<(f64, usize)>,
    sum: usize,
    count: usize,
}

impl Columns {
    fn of(metric: &Metric, rows: &Rows) -> Option<Self> {
        let parts = || {
            let columns = rows.columns().iter().enumerate();
            columns.filter_map(|(position, column)| Some((metric.part(column)?, position)))
        };
        let one = |wanted| parts().find(|(part, _)| *part == wanted).map(|(_, position)| position);
        let mut buckets: Vec<_> = parts()
            .filter_map(|(part, position)| match part {
                Part::Bucket(bound) => Some((bound, position)),
                Part::Sum | Part::Count => None,
            })
            .collect();
        buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        Some(Self { buckets, sum: one(Part::Sum)?, count: one(Part::Count)? })
    }
}

/// The numbers of one row: counts by bound, that of +Inf last, and the sum.
struct Histogram {
    buckets: Vec<(f64, f64)>,
    sum: f64,
}

impl Histogram {
    /// `None` where a part is NULL: half a histogram is none.
    fn of(columns: &Columns, row: Row<'_>) -> Option<Self> {
        let bounds = columns.buckets.iter().copied();
        let buckets = bounds
            .chain([(f64::INFINITY, columns.count)])
            .map(|(bound, column)| Some((bound, row.number(column)?)))
            .collect::<Option<_>>()?;
        Some(Self { buckets, sum: row.number(columns.sum)? })
    }

    /// Counts that rise from bucket to bucket, from no less than nothing.
    fn is_valid(&self) -> bool {
        let counts = || self.buckets.iter().map(|(_, count)| *count);
        self.sum.is_finite()
            && counts().all(|count| count >= 0.0 && count.is_finite())
            && counts().is_sorted()
    }
}

/// Writes every sample of a histogram. A row whose buckets contradict each other is
/// dropped whole and counted, like one whose series are there already.
pub(super) fn encode(
    out: &mut String,
    metric: &Metric,
    rows: &Rows,
    labels: &[Labels],
    encoded: &mut Encoded,
) {
    let Some(columns) = Columns::of(metric, rows) else { return };
    let name = &metric.name;
    let mut seen = vec![false; labels.len()];
    for (row, labels) in rows.iter().zip(labels) {
        let Some(histogram) = Histogram::of(&columns, row) else { continue };
        let series = histogram.buckets.len() + 2;
        if !histogram.is_valid() {
            encoded.invalid += series as u64;
            continue;
        }
        if std::mem::replace(&mut seen[labels.identity], true) {
            encoded.duplicates += series as u64;
            continue;
        }
        encoded.series += series;
        // `{a="b"` or `{`, for the bucket's own label to be the last.
        let open = labels.text.strip_suffix('}').map_or("{".to_owned(), |text| format!("{text},"));
        let mut count = 0.0;
        for (bound, below) in &histogram.buckets {
            let _ = write!(out, "{name}_bucket{open}le=\"");
            push_number(out, *bound);
            let _ = writeln!(out, "\"}} {below}");
            count = *below;
        }
        let _ = write!(out, "{name}_sum{} ", labels.text);
        push_number(out, histogram.sum);
        let _ = writeln!(out, "\n{name}_count{} {count}", labels.text);
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::expose::{Series, encode};
    use crate::rows::Rows;

    const DECLARATION: &str = r#"
        about = "Made up."
        lesson = "key-metrics#connections"
        area = "activity"
        interval = "5s"
        timeout = "1s"
        runs_on = "any"
        scope = "server"
        labels = ["datname"]
        max_rows = 9
        [metrics]
        pg_x_seconds = { histogram = "X." }
    "#;
    const COLUMNS: [&str; 5] = [
        "datname",
        "pg_x_seconds:le:10",
        "pg_x_seconds:le:0.5",
        "pg_x_seconds:sum",
        "pg_x_seconds:count",
    ];

    fn catalog(sql: &str, more: &str) -> Result<Catalog, Vec<String>> {
        let files = [("x.toml", format!("{DECLARATION}{more}")), ("x.sql", sql.to_owned())];
        Catalog::from_files(files.map(|(name, text)| (name.to_owned(), text)))
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn sql() -> String {
        let columns = COLUMNS.map(|column| format!("1 as \"{column}\"")).join(", ");
        format!("select {columns}")
    }

    #[test]
    fn buckets_come_in_order_and_the_last_is_the_count() {
        let catalog = catalog(&sql(), "").unwrap();
        let mut rows = Rows::new(COLUMNS);
        rows.push(["a".into(), 3.0.into(), 1.0.into(), 12.5.into(), 4.0.into()]);
        rows.push([None::<f64>.into(), 0.0.into(), 0.0.into(), 0.0.into(), 0.0.into()]);
        rows.push(["b".into(), None::<f64>.into(), 0.0.into(), 0.0.into(), 0.0.into()]);
        rows.push(["c".into(), 1.0.into(), 2.0.into(), 0.0.into(), 2.0.into()]);
        rows.push(["a".into(), 0.0.into(), 0.0.into(), 0.0.into(), 0.0.into()]);
        let encoded = encode(&catalog.collectors()[0], &rows, &Series::default());
        assert_eq!(
            encoded.samples[0],
            "pg_x_seconds_bucket{datname=\"a\",le=\"0.5\"} 1\n\
             pg_x_seconds_bucket{datname=\"a\",le=\"10\"} 3\n\
             pg_x_seconds_bucket{datname=\"a\",le=\"+Inf\"} 4\n\
             pg_x_seconds_sum{datname=\"a\"} 12.5\n\
             pg_x_seconds_count{datname=\"a\"} 4\n\
             pg_x_seconds_bucket{le=\"0.5\"} 0\n\
             pg_x_seconds_bucket{le=\"10\"} 0\n\
             pg_x_seconds_bucket{le=\"+Inf\"} 0\n\
             pg_x_seconds_sum 0\n\
             pg_x_seconds_count 0\n"
        );
        assert_eq!((encoded.series, encoded.invalid, encoded.duplicates), (10, 5, 5));
    }

    #[test]
    fn a_histogram_has_all_its_columns_and_its_names_for_itself() {
        let told = catalog("select 1 as \"pg_x_seconds:sum\"", "").err().unwrap();
        assert!(
            told[0].contains("pg_x_seconds:le, pg_x_seconds:sum, pg_x_seconds:count"),
            "{told:?}"
        );
        let more = "pg_x_seconds_sum = { gauge = \"X.\" }";
        let told = catalog(&format!("{}, 1 as pg_x_seconds_sum", sql()), more).err().unwrap();
        assert_eq!(told, ["x.toml: pg_x_seconds_sum is declared in x.toml already"]);
    }
}
