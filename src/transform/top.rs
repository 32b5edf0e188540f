//! The objects that matter, one by one, and all others together.
//!
//! A database may have a hundred thousand tables, and a series for each would
//! cost more than it tells. So a collector names criteria, the best objects by
//! each are kept, and the rest becomes one row, `_other`: totals stay right
//! whatever is kept. Two things would spoil that. Objects around the last place
//! would come and go with every poll, so what was kept is kept for a while
//! ([`rank`]); and a sum over changing members would fall whenever one leaves,
//! which Prometheus reads as a restart, so it is made of growth ([`remainder`]).

mod columns;
mod evicted;
mod growth;
mod parts;
mod rank;
mod remainder;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::{Transform, TransformError};
use crate::rows::{Row, Rows};
use columns::{Columns, identity};
use evicted::Evicted;
use growth::Kept;
use parts::Parts;
use rank::{Candidate, select};
use remainder::Remainder;

/// What a collector declares about its objects.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Objects with a row of their own, and how many rows there are at most.
    pub keep: usize,
    pub max_rows: usize,
    /// How long an object stays that is no longer among the best.
    pub hold: Duration,
    /// Columns that rank objects.
    pub by: Vec<String>,
    /// Labels that tell objects apart. All others are the same in every row.
    pub key: Vec<String>,
    /// The label of the key that becomes `_other`. Where a row has none, it is
    /// no object but a total, and passes.
    pub other: String,
    /// Metrics that grow, and those that do not.
    pub counters: Vec<String>,
    pub gauges: Vec<String>,
    /// Metrics of either kind of which a sum makes sense.
    pub summed: Vec<String>,
    /// Whether the server drops objects to make room, and meets them again.
    pub evicted: bool,
}

/// Criteria are smoothed over this part of the hold, five minutes of half an
/// hour: long enough for chance to even out between polls, and short enough for
/// what has just begun to show.
const SMOOTHED: u32 = 6;

/// Keeps the best objects and sums up the others.
#[derive(Debug)]
pub struct Top {
    shape: Shape,
    parts: Parts,
    evicted: Evicted,
    known: HashMap<Box<str>, Known>,
    remainder: Remainder,
    columns: Vec<Box<str>>,
    polled: Option<Duration>,
    folded: usize,
}

/// What is remembered of an object, as long as it is there.
#[derive(Debug, Default)]
struct Known {
    /// Its growing columns at the last poll.
    values: Kept,
    /// Smoothed growth, for each criterion.
    scores: Vec<f64>,
    /// When it was last near the best; `None` if it is not kept.
    kept: Option<Duration>,
}

impl Top {
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            parts: Parts::default(),
            evicted: Evicted::default(),
            known: HashMap::new(),
            remainder: Remainder::default(),
            columns: Vec::new(),
            polled: None,
            folded: 0,
        }
    }

    /// How much of a score is left since the last poll.
    fn fading(&self, at: Duration) -> f64 {
        let since = at.saturating_sub(self.polled.unwrap_or(at));
        (-since.as_secs_f64() / (self.shape.hold / SMOOTHED).as_secs_f64()).exp()
    }
}

/// The objects of this poll, by what tells them apart.
type Objects<'a> = BTreeMap<Box<str>, Object<'a>>;

/// One object of this poll.
struct Object<'a> {
    row: Row<'a>,
    /// What it was at the last poll, if it was there.
    before: Option<&'a Known>,
    now: Known,
    is_evicted: bool,
}

impl Object<'_> {
    /// What a growing column grew by since the last poll.
    fn grown(&self, place: usize) -> Option<f64> {
        self.now.values.grown(self.before.map(|known| &known.values), place)
    }
}

impl Transform for Top {
    fn apply(&mut self, rows: Rows, at: Duration) -> Result<Rows, TransformError> {
        // After an upgrade the query is another one, and counters began anew.
        if self.columns != rows.columns() {
            let columns = rows.columns().to_vec();
            *self = Self { columns, ..Self::new(self.shape.clone()) };
        }
        let columns = Columns::find(&self.shape, &rows)?;
        let mut rows = self.parts.merge(rows, &columns);
        let present = rows.len();
        self.evicted.stand_in(&mut rows, &columns);

        let fading = self.fading(at);
        let (mut passed, mut objects) = (Vec::new(), Objects::new());
        for (place, row) in rows.iter().enumerate() {
            if row.text(columns.other).is_none() {
                passed.push(row);
                continue;
            }
            let key = identity(row, &columns.key);
            let before = self.known.get(&key);
            let now = Known {
                values: Kept::of(row, &columns.growing),
                scores: Vec::with_capacity(columns.criteria.len()),
                kept: before.and_then(|known| known.kept),
            };
            let mut object = Object { row, before, now, is_evicted: place >= present };
            for (place, criterion) in columns.criteria.iter().enumerate() {
                let faded = before.map_or(0.0, |known| known.scores[place] * fading);
                let fresh = criterion.growing.and_then(|place| object.grown(place));
                // Growth is unknown at the first poll, when age would pass for it.
                let fresh = fresh.filter(|_| self.polled.is_some()).unwrap_or(0.0);
                object.now.scores.push(faded + fresh);
            }
            // The second of two that cannot be told apart is the encoder's to count.
            if let Some(double) = objects.insert(key, object) {
                passed.push(double.row);
            }
        }

        let mut candidates: Vec<_> = objects
            .values()
            .map(|object| Candidate {
                strengths: match object.is_evicted {
                    false => columns.strengths(object.row, &object.now.scores),
                    true => vec![None; columns.criteria.len()],
                },
                kept: object.now.kept,
            })
            .collect();
        let room = self.shape.max_rows.saturating_sub(1 + passed.len());
        select(&mut candidates, self.shape.keep.min(room), room, self.shape.hold, at);
        for (object, candidate) in objects.values_mut().zip(candidates) {
            object.now.kept = candidate.kept;
        }

        self.remainder.add(&objects, &columns, self.polled.is_none());
        let mut out = Rows::new(columns.shown.iter().map(|column| &*rows.columns()[*column]));
        let mut push = |row: Row<'_>| {
            out.push(columns.shown.iter().map(|column| row.value(*column).clone()));
        };
        passed.into_iter().for_each(&mut push);
        objects.values().filter(|o| o.now.kept.is_some()).for_each(|object| push(object.row));
        if let Some(row) = self.remainder.row(&columns) {
            out.push(row);
        }

        objects.retain(|_, object| !object.is_evicted || object.now.kept.is_some());
        if self.shape.evicted {
            self.evicted.remember(&objects, rows.columns().len());
        }
        self.folded = objects.values().filter(|object| object.now.kept.is_none()).count();
        self.known = objects.into_iter().map(|(key, object)| (key, object.now)).collect();
        self.parts.forget(&self.known);
        self.polled = Some(at);
        Ok(out)
    }

    fn folded(&self) -> Option<usize> {
        (!self.shape.summed.is_empty()).then_some(self.folded)
    }
}
