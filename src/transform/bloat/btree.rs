//! The size a B-tree index would have after REINDEX.

use std::time::Duration;

use super::layout::{Column, Layout};
use super::page::{LINE_POINTER, PAGE_HEADER, items_per_page, reserve};
use super::posting::Posting;
use super::report::{Report, Shape};
use super::{Estimate, Quality, is_outgrown, is_stale, row_count};
use crate::rows::{MissingColumn, Row, Rows};
use crate::transform::{Transform, TransformError};

/// Bytes of an index tuple's header; with a NULL it carries a bitmap, which
/// alignment doubles.
const TUPLE_HEADER: f64 = 8.0;
const TUPLE_HEADER_WITH_NULLS: f64 = 16.0;

/// Bytes at the end of a page for its neighbours and level.
const SPECIAL_SPACE: f64 = 16.0;

/// Pages above the leaves are always built this full, in percent.
const INTERNAL_FILLFACTOR: f64 = 70.0;

/// Bloat of B-tree indexes, from `bloat_indexes.sql`.
#[derive(Default)]
pub struct Btree;

const SHAPE: Shape = Shape {
    labels: &["datname", "schemaname", "relname", "indexrelname"],
    bytes: "pg_index_bloat_bytes",
    ratio: "pg_index_bloat_ratio",
    size: "pg_index_bloat_size_bytes",
    database_bytes: "pg_database_index_bloat_bytes",
    database_size: "pg_database_index_bloat_size_bytes",
    database_count: "pg_database_index_bloat_indexes",
};

impl Transform for Btree {
    fn apply(&mut self, rows: Rows, _at: Duration) -> Result<Rows, TransformError> {
        let columns = Columns::of(&rows)?;
        let mut report = Report::new(&SHAPE, &rows)?;
        for row in rows.iter() {
            report.add(row, columns.read(row).and_then(|index| index.estimate()));
        }
        Ok(report.into_rows())
    }
}

/// Where the query's columns stand.
struct Columns {
    block_bytes: usize,
    pages: usize,
    catalog_rows: usize,
    index_rows: usize,
    live_rows: usize,
    changed_rows: usize,
    is_counted: usize,
    fillfactor: usize,
    is_partial: usize,
    key_columns: usize,
    is_deduplicated: usize,
    layout: usize,
}

impl Columns {
    fn of(rows: &Rows) -> Result<Self, MissingColumn> {
        Ok(Self {
            block_bytes: rows.column("block_bytes")?,
            pages: rows.column("pages")?,
            catalog_rows: rows.column("catalog_rows")?,
            index_rows: rows.column("index_rows")?,
            live_rows: rows.column("live_rows")?,
            changed_rows: rows.column("changed_rows")?,
            is_counted: rows.column("is_counted")?,
            fillfactor: rows.column("fillfactor")?,
            is_partial: rows.column("is_partial")?,
            key_columns: rows.column("key_columns")?,
            is_deduplicated: rows.column("is_deduplicated")?,
            layout: rows.column("layout")?,
        })
    }

    fn read(&self, row: Row) -> Option<Index> {
        Some(Index {
            block: row.number(self.block_bytes)?,
            pages: row.number(self.pages)?,
            catalog_rows: row.number(self.catalog_rows),
            index_rows: row.number(self.index_rows),
            live_rows: row.number(self.live_rows)?,
            changed_rows: row.number(self.changed_rows)?,
            is_counted: row.number(self.is_counted)? != 0.0,
            fillfactor: row.number(self.fillfactor)?,
            is_partial: row.number(self.is_partial)? != 0.0,
            key_columns: row.number(self.key_columns)? as usize,
            is_deduplicated: row.number(self.is_deduplicated)? != 0.0,
            layout: Layout::parse(row.text(self.layout)?)?,
        })
    }
}

/// What the catalogs know of one index and its table.
#[derive(Clone, Debug)]
struct Index {
    block: f64,
    pages: f64,
    catalog_rows: Option<f64>,
    index_rows: Option<f64>,
    live_rows: f64,
    changed_rows: f64,
    is_counted: bool,
    fillfactor: f64,
    is_partial: bool,
    key_columns: usize,
    is_deduplicated: bool,
    layout: Layout,
}

impl Index {
    fn estimate(&self) -> Option<Estimate> {
        let (table_rows, counted) = row_count(self.live_rows, self.catalog_rows, self.is_counted);
        let rows = self.entries(table_rows)?;
        let needed = self.pages_for(rows, table_rows);
        let doubtful = self.layout.is_guessed()
            || self.layout.is_on_edge(self.tuple())
            || is_stale(self.changed_rows, table_rows)
            || is_outgrown(self.pages, needed)
            || self.has_unknown_repeats(rows, table_rows)
            || self.has_unknown_nulls();
        let quality = counted.max(Quality::low_if(doubtful));
        Estimate::from_pages(self.pages.max(needed), needed, self.block, quality)
    }

    /// Rows in the index. A partial one has as many as VACUUM last counted, and
    /// more or fewer as its table has since.
    fn entries(&self, table_rows: f64) -> Option<f64> {
        if !self.is_partial {
            return Some(table_rows.max(0.0));
        }
        let counted = self.index_rows?;
        let change =
            self.catalog_rows.filter(|rows| *rows > 0.0).map_or(1.0, |rows| table_rows / rows);
        Some((counted * change).max(0.0))
    }

    /// How often keys repeat decides what deduplication saves, and statistics
    /// know it badly in two cases. They describe columns one by one, so where
    /// none of them alone makes the key nearly unique, the combination is
    /// anybody's guess. And they count distinct values in a sample, often a
    /// tenth off, which matters while a key has few rows.
    fn has_unknown_repeats(&self, rows: f64, table_rows: f64) -> bool {
        const FEW: std::ops::Range<f64> = 1.2..8.0;
        if !self.is_deduplicated {
            return false;
        }
        let unmeasured =
            self.keys().any(|column| column.distinct.is_none_or(|distinct| distinct == 0.0));
        let most =
            self.keys().map(|column| distinct(column.distinct, table_rows)).fold(1.0, f64::max);
        let combined = self.key_columns > 1 && most * FEW.start < rows;
        unmeasured || combined || FEW.contains(&(rows * self.layout.without_nulls / most))
    }

    /// A partial index often leaves the NULLs out, or holds nothing else; the
    /// table's share of them says nothing of the index's.
    fn has_unknown_nulls(&self) -> bool {
        self.is_partial && self.layout.without_nulls < 1.0
    }

    fn keys(&self) -> impl Iterator<Item = &Column> {
        self.layout.columns.iter().take(self.key_columns)
    }

    fn pages_for(&self, rows: f64, table_rows: f64) -> f64 {
        const META_PAGE: f64 = 1.0;
        if rows <= 0.0 {
            return META_PAGE;
        }
        let usable = self.block - PAGE_HEADER - SPECIAL_SPACE;
        let (items, bytes, varies) = self.leaf_items(rows, table_rows);
        let item = bytes / items;
        // A leaf ends with the first tuple beyond the fillfactor. That one moves
        // to the next leaf, and its key stays behind; the addresses in it are
        // not counted, so a leaf of shared keys gets fuller.
        let addresses = (item - self.tuple() - LINE_POINTER).max(0.0);
        let leaf = (usable - reserve(self.block, self.fillfactor) + addresses).min(usable - item);
        let per_page = |varies| items_per_page(leaf, item, varies);
        // Nothing says whether keys repeat equally often or at random.
        let half_way = (per_page(false) + per_page(true)) / 2.0;
        let mixed = self.is_deduplicated && varies;
        let leaves = (items / if mixed { half_way } else { per_page(varies) }).ceil();
        let upper = usable - reserve(self.block, INTERNAL_FILLFACTOR);
        let fanout = items_per_page(upper, self.tuple() + LINE_POINTER, true).max(2.0);
        META_PAGE + leaves + pages_above(leaves, fanout)
    }

    /// The leaf level's tuples, their bytes, and whether they differ in size.
    fn leaf_items(&self, rows: f64, table_rows: f64) -> (f64, f64, bool) {
        if !self.is_deduplicated {
            return (rows, rows * (self.tuple() + LINE_POINTER), self.layout.varies);
        }
        // NULLs are equal to each other here, and a group of their own.
        let nulls = match self.layout.columns.as_slice() {
            [column] => rows * column.null_fraction(),
            _ => 0.0,
        };
        let product: f64 =
            self.keys().map(|column| distinct(column.distinct, table_rows)).product();
        let posting = Posting::new(self.tuple(), self.block);
        let (null_items, null_bytes) = posting.groups(nulls, 1.0);
        let (items, bytes) = posting.groups(rows - nulls, product);
        // Keys that fill several tuples each fill them alike.
        let varies = rows < 2.0 * posting.most * product;
        (items + null_items, bytes + null_bytes, varies)
    }

    /// Mean bytes of one index tuple.
    fn tuple(&self) -> f64 {
        let share = self.layout.without_nulls;
        share * TUPLE_HEADER + (1.0 - share) * TUPLE_HEADER_WITH_NULLS + self.layout.data
    }
}

/// pg_statistic's number of distinct values: a count, or the negative share of
/// the table's rows; nothing known counts as all different.
fn distinct(statistic: Option<f64>, table_rows: f64) -> f64 {
    match statistic {
        Some(count) if count > 0.0 => count,
        Some(share) if share < 0.0 => -share * table_rows,
        _ => table_rows,
    }
    .max(1.0)
}

/// Every level is built as full as the next one, up to a single root.
fn pages_above(leaves: f64, fanout: f64) -> f64 {
    let mut level = leaves;
    let mut pages = 0.0;
    while level > 1.0 && level.is_finite() {
        level = (level / fanout).ceil();
        pages += level;
    }
    pages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The primary key of a million rows, freshly built: 2733 leaves, 10 pages
    /// above them, the root and the meta page.
    fn index() -> Index {
        Index {
            block: 8192.0,
            pages: 2745.0,
            catalog_rows: Some(1e6),
            index_rows: Some(1e6),
            live_rows: 1e6,
            changed_rows: 0.0,
            is_counted: true,
            fillfactor: 90.0,
            is_partial: false,
            key_columns: 1,
            is_deduplicated: false,
            layout: Layout::parse("4 i p 0 4 -1").unwrap(),
        }
    }

    fn repeating(distinct: f64) -> Index {
        let layout = Layout::parse(&format!("4 i p 0 4 {distinct}")).unwrap();
        Index { is_deduplicated: true, layout, ..index() }
    }

    #[test]
    fn a_fresh_primary_key_has_no_bloat() {
        assert_eq!(index().pages_for(1e6, 1e6), 2745.0);
    }

    #[test]
    fn repeated_keys_share_tuples() {
        let unique = repeating(-1.0).pages_for(1e6, 1e6);
        let twice = repeating(-0.5).pages_for(1e6, 1e6);
        let many = repeating(10.0).pages_for(1e6, 1e6);
        assert!(many < twice && twice < unique, "{many} {twice} {unique}");
        assert!((840.0..880.0).contains(&many), "{many}");
    }

    #[test]
    fn nulls_are_one_group_of_equal_keys() {
        let half = Layout::parse("4 i p 0.5 4 -0.5").unwrap();
        let nullable = Index { layout: half, is_deduplicated: true, ..index() };
        assert!(nullable.pages_for(1e6, 1e6) < 0.7 * 2745.0);
    }

    #[test]
    fn a_partial_index_follows_its_table() {
        let partial = Index { is_partial: true, index_rows: Some(1000.0), ..index() };
        assert_eq!(partial.entries(5e5), Some(500.0));
        assert_eq!(Index { index_rows: None, ..partial }.estimate(), None);
    }

    #[test]
    fn a_combination_of_columns_repeats_nobody_knows_how_often() {
        let layout = Layout::parse("4 i p 0 4 400,4 i p 0 4 400").unwrap();
        let pair = Index { key_columns: 2, is_deduplicated: true, layout, ..index() };
        assert_eq!(pair.estimate().unwrap().quality, Quality::Low);
    }

    #[test]
    fn an_empty_index_is_its_meta_page() {
        assert_eq!(index().pages_for(0.0, 0.0), 1.0);
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

    proptest! {
        #[test]
        fn whatever_the_catalogs_say_a_ratio_is_a_ratio(
            numbers in prop::collection::vec(any_number(), 7),
            width in prop_oneof![0..4000i32, Just(i32::MAX)],
            nulls in -0.5..1.5f64,
            distinct in any_number(),
            flags in any::<(bool, bool, bool)>(),
            key_columns in 0..5usize,
        ) {
            let absurd = Index {
                block: numbers[0],
                pages: numbers[1],
                catalog_rows: Some(numbers[2]),
                index_rows: Some(numbers[3]),
                live_rows: numbers[4],
                changed_rows: numbers[5],
                fillfactor: numbers[6],
                is_counted: flags.0,
                is_partial: flags.1,
                is_deduplicated: flags.2,
                key_columns,
                layout: Layout::parse(&format!("-1 i x {nulls} {width} {distinct},4 i p 0 4 {distinct}")).unwrap(),
            };
            if let Some(estimate) = absurd.estimate() {
                prop_assert!(estimate.wasted_bytes >= 0.0);
                prop_assert!(estimate.bytes.is_finite());
                prop_assert!((0.0..=1.0).contains(&estimate.ratio()));
            }
        }

        #[test]
        fn fewer_distinct_keys_never_take_more_pages(keys in 1.0..1e6f64, share in 0.01..1.0f64) {
            let pages = |keys| repeating(keys).pages_for(1e6, 1e6);
            prop_assert!(pages(keys * share) <= pages(keys) * 1.15 + 1.0);
        }
    }
}
