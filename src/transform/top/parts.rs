//! Rows that are parts of one object: the partitions of a table, the entries of
//! one statement.
//!
//! Their sum in SQL would fall whenever a part goes, as partitions do every
//! night, and Prometheus would add what remains once more. So an object's
//! counters are the growth of its parts, added up.

use std::collections::HashMap;

use super::columns::{Columns, identity};
use super::growth::Kept;
use crate::rows::{Row, Rows, Value};

#[derive(Debug, Default)]
pub struct Parts {
    /// What the parts were at the last poll, by object and part.
    parts: HashMap<Box<str>, Kept>,
    /// The counters of objects.
    objects: HashMap<Box<str>, Vec<Option<f64>>>,
}

impl Parts {
    /// One row for each object. Without a column that tells parts apart, every
    /// row is one already.
    pub fn merge(&mut self, rows: Rows, columns: &Columns) -> Rows {
        if columns.parts.is_empty() {
            return rows;
        }
        let told_apart: Vec<usize> = columns.key.iter().chain(&columns.parts).copied().collect();
        let mut parts = HashMap::new();
        let mut objects: HashMap<Box<str>, Vec<Option<f64>>> = HashMap::new();
        let mut merged: Vec<Vec<Value>> = Vec::new();
        let mut places: HashMap<Box<str>, usize> = HashMap::new();
        for row in rows.iter() {
            let (key, part) = (identity(row, &columns.key), identity(row, &told_apart));
            let values = Kept::of(row, &columns.growing);
            let object = objects.entry(key.clone()).or_insert_with(|| {
                let before = self.objects.remove(&key);
                before.unwrap_or_else(|| vec![None; columns.growing.len()])
            });
            for (place, total) in object.iter_mut().enumerate() {
                *total = sum(*total, values.grown(self.parts.get(&part), place));
            }
            parts.insert(part, values);
            match places.get(&key) {
                Some(place) => add_gauges(&mut merged[*place], row, columns),
                None => {
                    places.insert(key, merged.len());
                    let width = rows.columns().len();
                    merged.push((0..width).map(|column| row.value(column).clone()).collect());
                }
            }
        }
        let mut out = Rows::new(rows.columns().iter().map(|name| &**name));
        for (key, place) in places {
            let row = &mut merged[place];
            for (column, total) in columns.growing.iter().zip(&objects[&key]) {
                row[*column] = (*total).into();
            }
            out.push(std::mem::take(row));
        }
        self.parts = parts;
        self.objects.extend(objects);
        out
    }

    /// Forgets the counters of objects that are not among `known`.
    pub fn forget<T>(&mut self, known: &HashMap<Box<str>, T>) {
        self.objects.retain(|key, _| known.contains_key(key));
    }
}

/// Gauges of parts: their sum, or the greatest where a sum makes no sense.
fn add_gauges(merged: &mut [Value], row: Row<'_>, columns: &Columns) {
    for (column, summed) in &columns.gauges {
        let so_far = match merged[*column] {
            Value::Number(number) => Some(number),
            Value::Null | Value::Text(_) => None,
        };
        let more = row.number(*column);
        let both = if *summed {
            sum(so_far, more)
        } else {
            so_far.into_iter().chain(more).reduce(f64::max)
        };
        if both.is_some() {
            merged[*column] = both.into();
        }
    }
}

/// The unknown adds nothing, and alone stays unknown.
pub fn sum(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (one, other) => one.or(other),
    }
}
