//! By how much counters grew between two polls.

use crate::rows::Row;

/// The growing columns of one row at one poll. They are remembered for every table
/// and index of a server, so one that is unknown is NaN, in half the room of an option.
#[derive(Debug, Default)]
pub struct Kept(Box<[f64]>);

impl Kept {
    pub fn of(row: Row<'_>, growing: &[usize]) -> Self {
        Self(growing.iter().map(|column| row.number(*column).unwrap_or(f64::NAN)).collect())
    }

    /// What a column grew by since the poll before. One that fell began anew from
    /// zero, and so did all of them if the row is new.
    pub fn grown(&self, before: Option<&Self>, place: usize) -> Option<f64> {
        let now = self.known(place)?;
        let was = before.and_then(|before| before.known(place)).filter(|was| *was <= now);
        Some(now - was.unwrap_or(0.0))
    }

    fn known(&self, place: usize) -> Option<f64> {
        Some(self.0[place]).filter(|value| !value.is_nan())
    }
}
