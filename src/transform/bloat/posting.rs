//! How a B-tree stores equal keys: one tuple with the addresses of many rows.

use super::page::{LINE_POINTER, MAXALIGN, aligned};

/// Bytes of a row's address.
const ROW_ADDRESS: f64 = 6.0;

/// Share of a page that one such tuple may fill when an index is built.
const POSTING_SHARE: f64 = 0.1;

/// How equal keys share tuples: one key and the addresses of its rows.
pub struct Posting {
    tuple: f64,
    /// Rows in one tuple at most.
    pub most: f64,
}

impl Posting {
    pub fn new(tuple: f64, block: f64) -> Self {
        let limit =
            (block * POSTING_SHARE / MAXALIGN as f64).floor() * MAXALIGN as f64 - LINE_POINTER;
        // The tuple is aligned, so it must not end in the limit's last 4 bytes.
        let most = ((limit - LINE_POINTER - tuple) / ROW_ADDRESS).floor().max(1.0);
        Self { tuple, most }
    }

    /// Tuples and bytes for so many rows over so many keys, which repeat as
    /// often as the two whole numbers around the mean.
    pub fn groups(&self, rows: f64, keys: f64) -> (f64, f64) {
        if rows <= 0.0 {
            return (0.0, 0.0);
        }
        let keys = keys.clamp(1.0, rows.max(1.0));
        let mean = rows / keys;
        let fewer = mean.floor().max(1.0);
        let share_of_more = (mean - fewer).max(0.0);
        let (fewer_items, fewer_bytes) = self.group(fewer);
        let (more_items, more_bytes) = self.group(fewer + 1.0);
        let mix =
            |fewer: f64, more: f64| keys * ((1.0 - share_of_more) * fewer + share_of_more * more);
        (mix(fewer_items, more_items), mix(fewer_bytes, more_bytes))
    }

    /// Tuples and bytes for the rows of one key: full tuples and a rest.
    fn group(&self, rows: f64) -> (f64, f64) {
        let full = (rows / self.most).floor();
        let rest = rows - full * self.most;
        let rest_items = if rest > 0.0 { 1.0 } else { 0.0 };
        (full + rest_items, full * self.bytes(self.most) + rest_items * self.bytes(rest))
    }

    fn bytes(&self, rows: f64) -> f64 {
        let tuple = if rows > 1.0 { aligned(self.tuple + ROW_ADDRESS * rows) } else { self.tuple };
        tuple + LINE_POINTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuple_takes_a_tenth_of_the_page() {
        let posting = Posting::new(16.0, 8192.0);
        assert_eq!(posting.most, 132.0);
        assert_eq!(posting.groups(264.0, 1.0), (2.0, 2.0 * 812.0));
    }

    #[test]
    fn a_key_of_one_row_is_a_plain_tuple() {
        assert_eq!(Posting::new(16.0, 8192.0).groups(100.0, 100.0), (100.0, 2000.0));
    }

    #[test]
    fn keys_repeat_as_often_as_the_whole_numbers_around_the_mean() {
        // One key of one row, one of two: 16 + 4, and 16 + 2 * 6 aligned + 4.
        assert_eq!(Posting::new(16.0, 8192.0).groups(3.0, 2.0), (2.0, 20.0 + 36.0));
    }
}
