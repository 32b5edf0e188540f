//! The clock applied to a query: positions in, seconds out.

use std::time::Duration;

use super::LsnClock;
use crate::rows::{Row, Rows, Value};
use crate::transform::{Transform, TransformError};

/// The column that carries the end of the WAL.
const NOW: &str = "lsn:now";

/// What a column of the query becomes.
enum Column {
    /// `lsn:now`, the end of the WAL: read, and not passed on.
    Now,
    /// `lsn:<metric>`, a position in bytes: becomes the metric, in seconds.
    Position,
    /// `lower_bound:<metric>`: becomes 1 where a lag of the row is a lower bound.
    LowerBound,
    Other,
}

impl Column {
    /// What the column is, and the name it gets.
    fn parse(alias: &str) -> (Self, &str) {
        if alias == NOW {
            (Self::Now, alias)
        } else if let Some(metric) = alias.strip_prefix("lsn:") {
            (Self::Position, metric)
        } else if let Some(metric) = alias.strip_prefix("lower_bound:") {
            (Self::LowerBound, metric)
        } else {
            (Self::Other, alias)
        }
    }
}

/// Replaces the positions of a query by lags in seconds.
///
/// Every row repeats the same `lsn:now`, so that one statement saw them all. A
/// query with nothing to report still returns one row with `lsn:now` alone, as
/// the clock needs every poll; that row ends here.
impl Transform for LsnClock {
    fn apply(&mut self, rows: Rows, at: Duration) -> Result<Rows, TransformError> {
        let now = end_of_wal(&rows)?;
        if let Some(now) = now {
            self.note(at, now);
        }
        let lag = |row: Row<'_>, column| self.lag(row.number(column)?).filter(|_| now.is_some());

        let columns: Vec<_> = rows.columns().iter().map(|alias| Column::parse(alias)).collect();
        let names = columns.iter().filter(|(column, _)| !matches!(column, Column::Now));
        let mut lags = Rows::new(names.map(|(_, name)| *name));
        for row in rows.iter() {
            let lower_bound = columns
                .iter()
                .enumerate()
                .filter(|(_, (column, _))| matches!(column, Column::Position))
                .filter_map(|(index, _)| lag(row, index))
                .map(|lag| lag.lower_bound)
                .reduce(|one, other| one || other);
            let cells =
                columns.iter().enumerate().filter_map(|(index, (column, _))| match column {
                    Column::Now => None,
                    Column::Position => Some(lag(row, index).map(|lag| lag.seconds).into()),
                    Column::LowerBound => {
                        Some(lower_bound.map(|bound| f64::from(u8::from(bound))).into())
                    }
                    Column::Other => Some(row.value(index).clone()),
                });
            let cells: Vec<Value> = cells.collect();
            if cells.iter().any(|cell| *cell != Value::Null) {
                lags.push(cells);
            }
        }
        Ok(lags)
    }
}

/// The one `lsn:now` of all rows; `None` where the server knows no position yet.
fn end_of_wal(rows: &Rows) -> Result<Option<f64>, TransformError> {
    let column = rows.column(NOW)?;
    let mut positions = rows.iter().map(|row| row.number(column));
    let first = positions.next().ok_or_else(|| {
        TransformError::Unexpected(format!("the query returns no row to carry \"{NOW}\""))
    })?;
    if positions.any(|position| position != first) {
        return Err(TransformError::Unexpected(format!("the rows disagree about \"{NOW}\"")));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn positions_become_seconds_and_the_rest_passes() {
        let mut clock = LsnClock::default();
        clock.note(seconds(0), 100.0);
        let mut rows = Rows::new(["slot_name", "lsn:now", "lsn:lag", "lower_bound:low", "active"]);
        let row = |name: &str, position: Option<f64>| {
            [name.into(), 200.0.into(), position.into(), Value::Null, 1.0.into()]
        };
        rows.push(row("behind", Some(150.0)));
        rows.push(row("older", Some(50.0)));
        rows.push(row("lost", None));

        let mut expected = Rows::new(["slot_name", "lag", "low", "active"]);
        expected.push(["behind".into(), 5.0.into(), 0.0.into(), 1.0.into()]);
        expected.push(["older".into(), 10.0.into(), 1.0.into(), 1.0.into()]);
        expected.push(["lost".into(), Value::Null, Value::Null, 1.0.into()]);
        assert_eq!(clock.apply(rows, seconds(10)).unwrap(), expected);
    }

    #[test]
    fn a_row_that_only_feeds_the_clock_ends_here() {
        let mut clock = LsnClock::default();
        let mut rows = Rows::new(["slot_name", "lsn:now", "lsn:lag"]);
        rows.push([Value::Null, 200.0.into(), Value::Null]);
        assert!(clock.apply(rows, seconds(0)).unwrap().is_empty());
        assert_eq!(clock.lag(200.0).map(|lag| lag.seconds), Some(0.0));
    }

    #[test]
    fn rows_that_do_not_carry_one_end_of_wal_are_refused() {
        let mut clock = LsnClock::default();
        assert!(clock.apply(Rows::new(["slot_name"]), seconds(0)).is_err());
        assert!(clock.apply(Rows::new([NOW]), seconds(0)).is_err());
        let mut rows = Rows::new([NOW]);
        rows.push([1.0.into()]);
        rows.push([2.0.into()]);
        assert!(clock.apply(rows, seconds(0)).is_err());
    }
}
