//! Pages and what fits into them; common to tables and indexes.

/// Every tuple begins at a multiple of this on the platforms PostgreSQL has
/// packages for.
pub const MAXALIGN: usize = 8;

pub const PAGE_HEADER: f64 = 24.0;

/// The entry in the page's directory that points at a tuple.
pub const LINE_POINTER: f64 = 4.0;

/// Rounds up to where the next tuple may begin.
pub fn aligned(bytes: f64) -> f64 {
    (bytes / MAXALIGN as f64).ceil() * MAXALIGN as f64
}

/// How many items of one mean size a page takes on average.
///
/// Equal items leave the same rest on each page. Where sizes vary, a page ends
/// with the first item that does not fit, which wastes half an item in the
/// mean; but when few fit and sizes vary little, it is the rest again. The
/// smaller count is right for one of the two, and never too hopeful.
pub fn items_per_page(usable: f64, item: f64, varies: bool) -> f64 {
    /// From here on half an item is under 4 % of the page.
    const MANY: f64 = 12.0;
    let fitting = usable / item;
    let whole = fitting.floor();
    let items = match varies {
        false => whole,
        true if fitting < MANY => whole.min(fitting - 0.5),
        true => fitting - 0.5,
    };
    // A page that keeps more free than the item leaves still takes one.
    items.max(1.0)
}

/// What the fillfactor keeps free when a relation is rewritten.
pub fn reserve(block: f64, fillfactor: f64) -> f64 {
    (block * (100.0 - fillfactor.clamp(10.0, 100.0)) / 100.0).floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_leave_the_same_rest_on_each_page() {
        // Three rows of 2132 bytes to a page, 21 % of it unused, none of it bloat.
        assert_eq!(items_per_page(8168.0, 2132.0, false), 3.0);
        assert_eq!(items_per_page(8168.0, 2132.0, true), 3.0);
    }

    #[test]
    fn rows_of_varying_size_lose_half_a_row_to_a_page() {
        assert_eq!(items_per_page(8168.0, 100.0, true), 81.18);
    }

    #[test]
    fn a_row_larger_than_the_page_takes_one() {
        assert_eq!(items_per_page(100.0, 8000.0, true), 1.0);
    }

    #[test]
    fn the_fillfactor_reserves_whole_bytes() {
        assert_eq!(reserve(8192.0, 70.0), 2457.0);
        assert_eq!(reserve(8192.0, 100.0), 0.0);
    }
}
