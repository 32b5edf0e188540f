//! The size a table would have after VACUUM FULL.

use std::time::Duration;

use super::layout::Layout;
use super::page::{LINE_POINTER, PAGE_HEADER, aligned, items_per_page, reserve};
use super::report::{Report, Shape};
use super::{Estimate, Quality, is_outgrown, is_stale, row_count};
use crate::rows::{MissingColumn, Row, Rows};
use crate::transform::{Transform, TransformError};

/// Bytes of a heap tuple's header before the bitmap of its NULLs.
const TUPLE_HEADER: f64 = 23.0;

/// From this mean width on, the spread of a column's values decides how full
/// pages get, and the catalogs keep only the mean: a few values of 1.5 kB among
/// many of 40 bytes leave a tenth of each page unused, on the day they are
/// written.
const SPREAD_MATTERS: f64 = 100.0;

/// Bloat of tables, from `bloat_tables.sql`.
#[derive(Default)]
pub struct Heap;

const SHAPE: Shape = Shape {
    labels: &["datname", "schemaname", "relname"],
    bytes: "pg_table_bloat_bytes",
    ratio: "pg_table_bloat_ratio",
    size: "pg_table_bloat_size_bytes",
    database_bytes: "pg_database_table_bloat_bytes",
    database_size: "pg_database_table_bloat_size_bytes",
    database_count: "pg_database_table_bloat_tables",
};

impl Transform for Heap {
    fn apply(&mut self, rows: Rows, _at: Duration) -> Result<Rows, TransformError> {
        let columns = Columns::of(&rows)?;
        let mut report = Report::new(&SHAPE, &rows)?;
        for row in rows.iter() {
            report.add(row, columns.read(row).and_then(|table| table.estimate()));
        }
        Ok(report.into_rows())
    }
}

/// Where the query's columns stand.
struct Columns {
    block_bytes: usize,
    pages: usize,
    catalog_rows: usize,
    live_rows: usize,
    dead_rows: usize,
    changed_rows: usize,
    is_counted: usize,
    fillfactor: usize,
    has_missing: usize,
    layout: usize,
}

impl Columns {
    fn of(rows: &Rows) -> Result<Self, MissingColumn> {
        Ok(Self {
            block_bytes: rows.column("block_bytes")?,
            pages: rows.column("pages")?,
            catalog_rows: rows.column("catalog_rows")?,
            live_rows: rows.column("live_rows")?,
            dead_rows: rows.column("dead_rows")?,
            changed_rows: rows.column("changed_rows")?,
            is_counted: rows.column("is_counted")?,
            fillfactor: rows.column("fillfactor")?,
            has_missing: rows.column("has_missing")?,
            layout: rows.column("layout")?,
        })
    }

    fn read(&self, row: Row) -> Option<Table> {
        Some(Table {
            block: row.number(self.block_bytes)?,
            pages: row.number(self.pages)?,
            catalog_rows: row.number(self.catalog_rows),
            live_rows: row.number(self.live_rows)?,
            dead_rows: row.number(self.dead_rows)?,
            changed_rows: row.number(self.changed_rows)?,
            is_counted: row.number(self.is_counted)? != 0.0,
            fillfactor: row.number(self.fillfactor)?,
            has_missing: row.number(self.has_missing)? != 0.0,
            layout: Layout::parse(row.text(self.layout)?)?,
        })
    }
}

/// What the catalogs know of one table.
#[derive(Clone, Debug)]
struct Table {
    block: f64,
    pages: f64,
    catalog_rows: Option<f64>,
    live_rows: f64,
    dead_rows: f64,
    changed_rows: f64,
    is_counted: bool,
    fillfactor: f64,
    /// A column was added with a default that older rows do not carry yet; a
    /// rewrite writes it out, so bloat hides behind it.
    has_missing: bool,
    layout: Layout,
}

impl Table {
    fn estimate(&self) -> Option<Estimate> {
        let (rows, counted) = row_count(self.live_rows, self.catalog_rows, self.is_counted);
        let needed = self.pages_for(rows, self.fillfactor);
        let occupied = self.occupied(rows).max(needed.min(self.scaled(rows)));
        let doubtful = self.has_missing
            || self.layout.is_guessed()
            || self.layout.is_on_edge(self.item())
            || self.layout.widest_variable() >= SPREAD_MATTERS
            || is_stale(self.changed_rows, rows)
            || is_outgrown(self.pages, occupied);
        let quality = counted.max(Quality::low_if(doubtful));
        Estimate::from_pages(self.pages.max(occupied), needed, self.block, quality)
    }

    /// The catalog's size is as of the last VACUUM or ANALYZE. The table is at
    /// least as large as what stands in it, dead rows included; updates fill
    /// the fillfactor's reserve.
    fn occupied(&self, rows: f64) -> f64 {
        let standing = rows + self.dead_rows.max(0.0);
        self.pages_for(standing, 100.0).min(self.scaled(standing))
    }

    /// What so many rows take when they lie as densely as at the last count:
    /// rows without a new column's default are narrower than the model thinks.
    fn scaled(&self, rows: f64) -> f64 {
        let known = self.catalog_rows.filter(|known| *known > 0.0);
        known.map_or(f64::INFINITY, |known| self.pages * rows / known)
    }

    fn pages_for(&self, rows: f64, fillfactor: f64) -> f64 {
        let usable = self.block - PAGE_HEADER - reserve(self.block, fillfactor);
        let per_page = items_per_page(usable, self.item(), self.layout.varies);
        (rows.max(0.0) / per_page).ceil()
    }

    /// Mean bytes of a row in its page. Dropped columns keep their bit in the
    /// bitmap of NULLs.
    fn item(&self) -> f64 {
        let bitmap = (self.layout.columns.len() as f64 / 8.0).ceil();
        let with_nulls = aligned(TUPLE_HEADER + bitmap);
        let without_nulls = aligned(TUPLE_HEADER);
        let share = self.layout.without_nulls;
        LINE_POINTER + share * without_nulls + (1.0 - share) * with_nulls + self.layout.data
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A million rows of one int4 at the size that they really take.
    fn table() -> Table {
        Table {
            block: 8192.0,
            pages: 4425.0,
            catalog_rows: Some(1e6),
            live_rows: 1e6,
            dead_rows: 0.0,
            changed_rows: 0.0,
            is_counted: true,
            fillfactor: 100.0,
            has_missing: false,
            layout: Layout::parse("4 i p 0 4").unwrap(),
        }
    }

    #[test]
    fn a_fresh_table_has_no_bloat() {
        let estimate = table().estimate().unwrap();
        assert_eq!((estimate.wasted_bytes, estimate.quality), (0.0, Quality::Good));
    }

    #[test]
    fn deleted_rows_are_bloat_once_vacuum_has_been_there() {
        let estimate = Table { live_rows: 6e5, ..table() }.estimate().unwrap();
        assert!((estimate.ratio() - 0.4).abs() < 0.001);
        assert_eq!(estimate.quality, Quality::Good);
    }

    #[test]
    fn a_fillfactor_is_no_bloat() {
        let sparse = Table { fillfactor: 70.0, pages: 6330.0, ..table() };
        assert!(sparse.estimate().unwrap().ratio() < 0.01);
    }

    #[test]
    fn dead_rows_show_a_size_that_the_catalog_does_not_know_yet() {
        let grown = Table { dead_rows: 2e6, changed_rows: 2e6, ..table() };
        let estimate = grown.estimate().unwrap();
        assert!((estimate.ratio() - 2.0 / 3.0).abs() < 0.001);
        assert_eq!(estimate.quality, Quality::Low);
    }

    #[test]
    fn doubts_are_flagged() {
        let tables = [
            Table { has_missing: true, ..table() },
            Table { is_counted: false, ..table() },
            Table { changed_rows: 3e5, ..table() },
            Table { layout: Layout::parse("4 i p ? 4").unwrap(), ..table() },
            Table { layout: Layout::parse("-1 i x 0 300").unwrap(), pages: 43000.0, ..table() },
        ];
        for table in tables {
            assert_eq!(table.estimate().unwrap().quality, Quality::Low, "{table:?}");
        }
    }

    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![
            -1e3..1e12f64,
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(-1.0),
            Just(0.0),
            Just(f64::MAX)
        ]
    }

    fn any_column() -> impl Strategy<Value = String> {
        let nulls = prop_oneof![Just("?".to_owned()), (-0.5..1.5f64).prop_map(|n| n.to_string())];
        let width = prop_oneof![0..4000i32, Just(i32::MAX)];
        (prop_oneof![Just(-1), Just(-2), 1..64], "[csid]", "[pxem]", nulls, width).prop_map(
            |(length, align, storage, nulls, width)| {
                format!("{length} {align} {storage} {nulls} {width}")
            },
        )
    }

    proptest! {
        #[test]
        fn whatever_the_catalogs_say_a_ratio_is_a_ratio(
            numbers in prop::collection::vec(any_number(), 7),
            columns in prop::collection::vec(any_column(), 0..20),
            flags in any::<(bool, bool)>(),
        ) {
            let absurd = Table {
                block: numbers[0],
                pages: numbers[1],
                catalog_rows: Some(numbers[2]),
                live_rows: numbers[3],
                dead_rows: numbers[4],
                changed_rows: numbers[5],
                is_counted: flags.0,
                fillfactor: numbers[6],
                has_missing: flags.1,
                layout: Layout::parse(&columns.join(",")).unwrap(),
            };
            if let Some(estimate) = absurd.estimate() {
                prop_assert!(estimate.wasted_bytes >= 0.0);
                prop_assert!(estimate.bytes.is_finite());
                prop_assert!((0.0..=1.0).contains(&estimate.ratio()));
            }
        }

        #[test]
        fn a_layout_is_read_or_refused(text in ".{0,60}") {
            let _ = Layout::parse(&text);
        }

        #[test]
        fn one_more_column_never_makes_a_row_smaller(columns in prop::collection::vec(any_column(), 1..20)) {
            let item = |columns: &[String]| Table { layout: Layout::parse(&columns.join(",")).unwrap(), ..table() }.item();
            let fewer = item(&columns[..columns.len() - 1]);
            prop_assert!(item(&columns) >= fewer - 1e-6 * fewer);
        }

        /// Among rows of one kind: the first column that varies changes what is
        /// lost at the end of a page, from a rest to a mean.
        #[test]
        fn one_more_column_never_takes_fewer_pages(
            columns in prop::collection::vec(any_column(), 1..20),
            rows in 0.0..1e9f64,
        ) {
            let pages = |columns: &[String]| {
                let mut layout = Layout::parse(&columns.join(",")).unwrap();
                layout.varies = true;
                Table { layout, ..table() }.pages_for(rows, 100.0)
            };
            let fewer = pages(&columns[..columns.len() - 1]);
            prop_assert!(pages(&columns) >= fewer * (1.0 - 1e-6));
        }
    }
}
