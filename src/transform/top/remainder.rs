//! All that is not kept, in one row.
//!
//! Its counters never fall. They begin as the sum of the objects that are not
//! kept, and from then on take what each object grew while it was not. Of an
//! object that becomes kept they give nothing back, and of one that ceases to be
//! they take nothing that its own series has shown.

use super::Objects;
use super::columns::{Columns, Remains};
use super::parts::sum;
use crate::rows::Value;

/// The name that stands for all other objects.
const OTHER: &str = "_other";

#[derive(Debug, Default)]
pub struct Remainder {
    /// One cell for each shown column; empty until something had to be left out.
    cells: Vec<Value>,
    /// Counters, by position among the growing columns.
    grown: Vec<Option<f64>>,
}

impl Remainder {
    /// Takes in one poll. At the first one, height counts as growth.
    pub fn add(&mut self, objects: &Objects<'_>, columns: &Columns, first: bool) {
        let left_out = || objects.values().filter(|object| object.now.kept.is_none());
        if self.cells.is_empty() {
            if left_out().next().is_none() {
                return;
            }
            self.cells = vec![Value::Null; columns.shown.len()];
            self.grown = vec![None; columns.growing.len()];
        }
        for object in objects.values() {
            // What is new and kept at once shows all its growth itself.
            let shows = object.now.kept.is_some()
                && (first || object.before.is_none_or(|known| known.kept.is_some()));
            if !shows {
                for (place, total) in self.grown.iter_mut().enumerate() {
                    *total = sum(*total, object.grown(place));
                }
            }
        }
        for ((cell, column), remains) in
            self.cells.iter_mut().zip(&columns.shown).zip(&columns.remains)
        {
            match remains {
                Remains::Nothing => {}
                Remains::Name => *cell = OTHER.into(),
                Remains::Common => {
                    if let Some(any) = objects.values().next() {
                        *cell = any.row.value(*column).clone();
                    }
                }
                Remains::Growth(place) => *cell = self.grown[*place].into(),
                Remains::Sum => {
                    let values = left_out().map(|object| object.row.number(*column));
                    *cell = values.fold(None, sum).into();
                }
            }
        }
    }

    /// The row, unless everything was always kept or nothing of it can be summed.
    pub fn row(&self, columns: &Columns) -> Option<Vec<Value>> {
        let sums = |remains: &Remains| matches!(remains, Remains::Growth(_) | Remains::Sum);
        let some = !self.cells.is_empty() && columns.remains.iter().any(sums);
        some.then(|| self.cells.clone())
    }
}
