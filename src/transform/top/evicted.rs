//! Objects that the server drops to make room and meets again, as statements are.
//!
//! An expensive one that runs every few minutes among thousands of others has an
//! entry for a part of that time only. A series of its own that went and came with
//! the entry would begin anew each time, and show no growth to anybody. So what is
//! kept stays at what it had, for as long as it is kept, and goes on from there.

use std::collections::{HashMap, HashSet};

use super::columns::{Columns, identity};
use super::{Object, Objects};
use crate::rows::{Rows, Value};

#[derive(Debug, Default)]
pub struct Evicted {
    /// The last rows of those that are kept.
    last: HashMap<Box<str>, Vec<Value>>,
}

impl Evicted {
    /// Appends the last rows of those that were kept and are not there.
    pub fn stand_in(&self, rows: &mut Rows, columns: &Columns) {
        if self.last.is_empty() {
            return;
        }
        let present: HashSet<_> = rows.iter().map(|row| identity(row, &columns.key)).collect();
        for (_, row) in self.last.iter().filter(|(key, _)| !present.contains(*key)) {
            rows.push(row.iter().cloned());
        }
    }

    pub fn remember(&mut self, objects: &Objects<'_>, width: usize) {
        let kept = objects.iter().filter(|(_, object)| object.now.kept.is_some());
        let row = |object: &Object<'_>| {
            (0..width).map(|column| object.row.value(column).clone()).collect()
        };
        self.last = kept.map(|(key, object)| (key.clone(), row(object))).collect();
    }
}
