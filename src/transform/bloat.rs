//! Bloat: what a rewrite would give back, in bytes.
//!
//! That is the definition because it is the one that can be tested: the size
//! now, less the size after VACUUM FULL or REINDEX at the same fillfactor. The
//! free space in a page is something else; it counts the fillfactor's reserve
//! and the ends of pages where no further row fits, and misses dropped columns.
//!
//! [`Heap`] and [`Btree`] compute the size after the rewrite from the catalogs:
//! how wide a row is ([`layout`]), how many of them a page takes ([`page`]), how
//! many rows there are ([`row_count`]). [`Measured`] takes what pgstattuple has
//! counted instead. None of them reads a table.

mod btree;
mod heap;
mod layout;
mod measured;
mod page;
mod posting;
mod report;

pub use btree::Btree;
pub use heap::Heap;
pub use measured::Measured;

/// How far an estimate can be trusted. One that cannot be made has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Quality {
    Good,
    Low,
}

impl Quality {
    fn low_if(doubtful: bool) -> Self {
        if doubtful { Self::Low } else { Self::Good }
    }
}

/// A relation's size as it is and as it would be.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Estimate {
    bytes: f64,
    wasted_bytes: f64,
    quality: Quality,
}

impl Estimate {
    /// From pages there are and pages a rewrite needs. `None` where the
    /// catalogs hold nonsense, because a wrong size is worse than none.
    fn from_pages(pages: f64, needed: f64, block: f64, quality: Quality) -> Option<Self> {
        let bytes = pages * block;
        let needed_bytes = needed * block;
        let sane = bytes.is_finite() && bytes > 0.0 && needed_bytes.is_finite();
        sane.then(|| Self {
            bytes,
            wasted_bytes: (bytes - needed_bytes).clamp(0.0, bytes),
            quality,
        })
    }

    fn ratio(&self) -> f64 {
        self.wasted_bytes / self.bytes
    }
}

/// The rows a table has, and whether anybody has counted them.
///
/// The counters are fresher than the catalog, but count from nothing until a
/// VACUUM or ANALYZE sets them, and after a crash or a reset again. Then the
/// larger of the two is nearer to the truth: a table that grew without either
/// has only the counters, one whose counters were lost has only the catalog.
fn row_count(live: f64, catalog: Option<f64>, is_counted: bool) -> (f64, Quality) {
    match catalog {
        Some(rows) if !is_counted => (live.max(rows), Quality::Low),
        _ => (live, Quality::Good),
    }
}

/// Widths and distinct values are as of the last ANALYZE; when a fifth of the
/// rows has changed since, they describe another table.
fn is_stale(changed: f64, rows: f64) -> bool {
    changed > 0.2 * rows
}

/// A relation whose rows need a tenth more than its last known size has grown
/// since: its size is then itself an estimate.
fn is_outgrown(known_pages: f64, occupied_pages: f64) -> bool {
    occupied_pages > 1.1 * known_pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_rows_win_over_the_catalog() {
        assert_eq!(row_count(60.0, Some(100.0), true), (60.0, Quality::Good));
    }

    #[test]
    fn lost_counters_fall_back_to_the_catalog() {
        assert_eq!(row_count(0.0, Some(100.0), false), (100.0, Quality::Low));
    }

    #[test]
    fn a_table_that_was_never_vacuumed_has_only_its_counters() {
        assert_eq!(row_count(60.0, None, false), (60.0, Quality::Good));
    }

    #[test]
    fn a_size_that_is_not_a_number_is_no_estimate() {
        assert_eq!(Estimate::from_pages(f64::NAN, 1.0, 8192.0, Quality::Good), None);
        assert_eq!(Estimate::from_pages(1.0, f64::INFINITY, 8192.0, Quality::Good), None);
        assert_eq!(Estimate::from_pages(0.0, 0.0, 8192.0, Quality::Good), None);
    }
}
