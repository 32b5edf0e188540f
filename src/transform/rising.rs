//! Counters that may step back for a moment, where Prometheus must not see it.
//!
//! Prometheus reads a counter that falls as one that began anew from zero, and
//! adds its whole value: a WAL position that falls by a megabyte would show as
//! terabytes written. A position does fall: a restarted standby has received
//! WAL that it must replay again, and a promoted one drops an incomplete record.

use std::time::Duration;

use super::{Transform, TransformError};
use crate::rows::{Rows, Value};

/// A counter lower for longer than this has truly gone back: the server was
/// restored or rewound. The old height must not hide its progress for ever.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Columns named so keep their highest value; all others pass.
const RISING: &str = "rising:";

#[derive(Clone, Copy, Debug)]
struct Height {
    value: f64,
    reached: Duration,
}

/// Remembers the heights of the columns of a query with one row.
#[derive(Debug, Default)]
pub struct Rising {
    heights: Vec<Option<Height>>,
}

impl Rising {
    fn rise(height: &mut Option<Height>, value: f64, at: Duration) -> f64 {
        match *height {
            Some(height) if value < height.value && at <= height.reached + PATIENCE => height.value,
            _ => {
                *height = Some(Height { value, reached: at });
                value
            }
        }
    }
}

impl Transform for Rising {
    fn apply(&mut self, rows: Rows, at: Duration) -> Result<Rows, TransformError> {
        let mut all = rows.iter();
        let (Some(row), None) = (all.next(), all.next()) else {
            return Err(TransformError::Unexpected(format!("{} rows, not one", rows.len())));
        };
        self.heights.resize(rows.columns().len(), None);
        let names = rows.columns().iter().map(|name| name.strip_prefix(RISING).unwrap_or(name));
        let mut risen = Rows::new(names);
        let columns = rows.columns().iter().zip(&mut self.heights).enumerate();
        risen.push(columns.map(|(index, (name, height))| match row.value(index) {
            Value::Number(value) if name.starts_with(RISING) => {
                Self::rise(height, *value, at).into()
            }
            value => value.clone(),
        }));
        Ok(risen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of `position` at a minute, beside a column that just passes.
    fn risen(rising: &mut Rising, minute: u64, position: Option<f64>) -> Option<f64> {
        let mut rows = Rows::new(["rising:position", "other"]);
        rows.push([position.into(), 7.0.into()]);
        let rows = rising.apply(rows, Duration::from_secs(minute * 60)).unwrap();
        let row = rows.iter().next().unwrap();
        assert_eq!(row.number(rows.column("other").unwrap()), Some(7.0));
        row.number(rows.column("position").unwrap())
    }

    #[test]
    fn a_short_step_back_is_hidden() {
        let mut rising = Rising::default();
        assert_eq!(risen(&mut rising, 0, Some(100.0)), Some(100.0));
        assert_eq!(risen(&mut rising, 1, Some(90.0)), Some(100.0));
        assert_eq!(risen(&mut rising, 2, Some(101.0)), Some(101.0));
    }

    #[test]
    fn a_lasting_one_is_true() {
        let mut rising = Rising::default();
        risen(&mut rising, 0, Some(100.0));
        assert_eq!(risen(&mut rising, 10, Some(50.0)), Some(100.0));
        assert_eq!(risen(&mut rising, 11, Some(51.0)), Some(51.0));
    }

    #[test]
    fn the_unknown_stays_unknown() {
        let mut rising = Rising::default();
        risen(&mut rising, 0, Some(100.0));
        assert_eq!(risen(&mut rising, 1, None), None);
        assert_eq!(risen(&mut rising, 2, Some(90.0)), Some(100.0));
    }

    #[test]
    fn anything_but_one_row_is_refused() {
        assert!(Rising::default().apply(Rows::new(["rising:x"]), Duration::ZERO).is_err());
    }
}
