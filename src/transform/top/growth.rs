//! By how much counters grew between two polls.

use crate::rows::Row;

/// The growing columns of one row at one poll.
pub type Kept = Vec<Option<f64>>;

/// Values and growth of the growing columns. A column that fell began anew from
/// zero, and so did all of them if the row is new.
pub fn growth(before: Option<&Kept>, row: Row<'_>, growing: &[usize]) -> (Kept, Vec<Option<f64>>) {
    let values: Kept = growing.iter().map(|column| row.number(*column)).collect();
    let grown = values.iter().enumerate().map(|(place, now)| {
        let now = (*now)?;
        let was = before.and_then(|values| values[place]).filter(|was| *was <= now);
        Some(now - was.unwrap_or(0.0))
    });
    let grown = grown.collect();
    (values, grown)
}
