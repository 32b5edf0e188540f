//! Bloat from what pgstattuple has counted in the pages themselves.

use std::time::Duration;

use super::page::{LINE_POINTER, MAXALIGN, PAGE_HEADER, items_per_page, reserve};
use super::{Estimate, Quality};
use crate::rows::{MissingColumn, Row, Rows, Value};
use crate::transform::{Transform, TransformError};

/// The free space map keeps free space in steps of a 256th of the page, rounded
/// down, so it knows of half a step too little on average.
const FREE_SPACE_STEPS: f64 = 256.0;

/// Measured bloat of tables, their TOAST and indexes, from `bloat_measured.sql`.
#[derive(Default)]
pub struct Measured;

const LABELS: [&str; 5] = ["datname", "schemaname", "relname", "indexrelname", "part"];
const SOURCE: &str = "pgstattuple";

impl Transform for Measured {
    fn apply(&mut self, rows: Rows, _at: Duration) -> Result<Rows, TransformError> {
        let columns = Columns::of(&rows)?;
        let labels =
            LABELS.iter().map(|label| rows.column(label)).collect::<Result<Vec<_>, _>>()?;
        let part = rows.column("part")?;
        let names = [
            "source",
            "pg_bloat_measured_bytes",
            "pg_bloat_measured_ratio",
            "pg_bloat_measured_size_bytes",
        ];
        let mut measured = Rows::new(LABELS.into_iter().chain(names));
        for row in rows.iter() {
            let estimate = match row.text(part) {
                Some("index") => columns.index(row),
                Some(part) => columns.heap(row, part == "toast"),
                None => None,
            };
            if let Some(estimate) = estimate {
                let cells = labels.iter().map(|column| row.value(*column).clone());
                let numbers = [estimate.wasted_bytes, estimate.ratio(), estimate.bytes];
                measured.push(cells.chain([SOURCE.into()]).chain(numbers.map(Value::from)));
            }
        }
        Ok(measured)
    }
}

/// Where the query's columns stand.
struct Columns {
    block_bytes: usize,
    size_bytes: usize,
    fillfactor: usize,
    heap_bytes: usize,
    scanned_percent: usize,
    tuples: usize,
    tuple_bytes: usize,
    leaf_pages: usize,
    internal_pages: usize,
    leaf_density: usize,
}

impl Columns {
    fn of(rows: &Rows) -> Result<Self, MissingColumn> {
        Ok(Self {
            block_bytes: rows.column("block_bytes")?,
            size_bytes: rows.column("size_bytes")?,
            fillfactor: rows.column("fillfactor")?,
            heap_bytes: rows.column("heap_bytes")?,
            scanned_percent: rows.column("scanned_percent")?,
            tuples: rows.column("tuples")?,
            tuple_bytes: rows.column("tuple_bytes")?,
            leaf_pages: rows.column("leaf_pages")?,
            internal_pages: rows.column("internal_pages")?,
            leaf_density: rows.column("leaf_density")?,
        })
    }

    /// Of a page that it skips, `pgstattuple_approx` counts all that is not
    /// free, header and line pointers included; of one that it reads, the bare
    /// tuples. Both become what a tuple takes in a page.
    fn heap(&self, row: Row, is_toast: bool) -> Option<Estimate> {
        let block = row.number(self.block_bytes)?;
        let pages = row.number(self.heap_bytes)? / block;
        let tuples = row.number(self.tuples)?;
        if tuples <= 0.0 {
            return Estimate::from_pages(pages, 0.0, block, Quality::Good);
        }
        let scanned = row.number(self.scanned_percent)? / 100.0;
        let skipped_pages = pages * (1.0 - scanned);
        let per_skipped_page = PAGE_HEADER + block / FREE_SPACE_STEPS / 2.0;
        let per_scanned_tuple = LINE_POINTER + (MAXALIGN - 1) as f64 / 2.0;
        let live = row.number(self.tuple_bytes)? - skipped_pages * per_skipped_page
            + scanned * tuples * per_scanned_tuple;
        let usable = block - PAGE_HEADER - reserve(block, row.number(self.fillfactor)?);
        // TOAST cuts values into equal chunks, of which only the last varies.
        let per_page = items_per_page(usable, live / tuples, !is_toast);
        Estimate::from_pages(pages, (tuples / per_page).ceil(), block, Quality::Good)
    }

    /// A rebuild packs the leaves up to the fillfactor, and the pages above
    /// them shrink alike.
    fn index(&self, row: Row) -> Option<Estimate> {
        const META_PAGE: f64 = 1.0;
        let block = row.number(self.block_bytes)?;
        let built = row.number(self.leaf_pages)? + row.number(self.internal_pages)?;
        let density = row.number(self.leaf_density)? / row.number(self.fillfactor)?;
        let needed = META_PAGE + (built * density.clamp(0.0, 1.0)).ceil();
        Estimate::from_pages(row.number(self.size_bytes)? / block, needed, block, Quality::Good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUTS: [&str; 10] = [
        "block_bytes",
        "size_bytes",
        "fillfactor",
        "heap_bytes",
        "scanned_percent",
        "tuples",
        "tuple_bytes",
        "leaf_pages",
        "internal_pages",
        "leaf_density",
    ];

    fn ratio(part: &str, numbers: [Option<f64>; 10]) -> Option<f64> {
        let mut rows = Rows::new(LABELS.into_iter().chain(INPUTS));
        let labels = ["d", "s", "t", "i", part].map(Value::from);
        rows.push(labels.into_iter().chain(numbers.map(Value::from)));
        let measured = Measured.apply(rows, Duration::ZERO).unwrap();
        measured.iter().next().and_then(|row| row.number(7))
    }

    fn heap(part: &str, pages: f64, fillfactor: f64, scanned: f64, tuples: f64, bytes: f64) -> f64 {
        let size = pages * 8192.0;
        let [block, size, fillfactor, scanned, tuples, bytes] =
            [8192.0, size, fillfactor, scanned, tuples, bytes].map(Some);
        ratio(part, [block, size, fillfactor, size, scanned, tuples, bytes, None, None, None])
            .unwrap()
    }

    fn index(density: f64) -> f64 {
        let [block, size, fillfactor, leaf, internal, density] =
            [8192.0, 1001.0 * 8192.0, 90.0, 996.0, 4.0, density].map(Some);
        ratio("index", [block, size, fillfactor, None, None, None, None, leaf, internal, density])
            .unwrap()
    }

    #[test]
    fn a_page_tail_is_no_bloat() {
        // 1333 pages of three rows of 2132 bytes, read page by page.
        assert!(heap("table", 1334.0, 100.0, 100.0, 4000.0, 4000.0 * 2128.0) < 0.01);
    }

    #[test]
    fn a_fillfactor_is_no_bloat() {
        assert!(heap("table", 367.0, 70.0, 100.0, 40000.0, 40000.0 * 44.0) < 0.03);
    }

    #[test]
    fn full_chunks_fit_four_to_a_page() {
        assert!(heap("toast", 1000.0, 100.0, 0.0, 4000.0, 1000.0 * 8192.0) < 0.01);
        assert!(heap("toast", 1000.0, 100.0, 100.0, 4000.0, 4000.0 * 2032.0) < 0.01);
    }

    #[test]
    fn an_emptied_table_is_all_bloat() {
        assert_eq!(heap("table", 1000.0, 100.0, 100.0, 0.0, 0.0), 1.0);
    }

    #[test]
    fn half_full_leaves_are_half_bloat() {
        assert!((index(45.0) - 0.5).abs() < 0.01);
        assert_eq!(index(94.0), 0.0);
    }

    #[test]
    fn what_was_not_measured_is_absent() {
        assert_eq!(ratio("table", [None; 10]), None);
    }
}
