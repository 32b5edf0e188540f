//! Which column plays which part, found by name once a poll.

use std::fmt::Write;

use super::Shape;
use super::rank::Strength;
use crate::rows::{MissingColumn, Row, Rows, Value};

/// Columns that are read and not shown: an identity beneath the labels, so that
/// a table created anew is not the one that was dropped; a criterion by value; a
/// criterion by growth; and what tells rows apart that are parts of one object.
const KEY: &str = "key:";
const RANK: &str = "rank:";
const GROWTH: &str = "growth:";
const PART: &str = "part:";

#[derive(Debug)]
pub struct Columns {
    pub key: Vec<usize>,
    pub parts: Vec<usize>,
    pub other: usize,
    pub criteria: Vec<Criterion>,
    /// Columns that only grow: counters and criteria by growth.
    pub growing: Vec<usize>,
    /// Those that are shown, in the order of the query.
    pub shown: Vec<usize>,
    /// What the remainder holds of each shown column.
    pub remains: Vec<Remains>,
    /// Gauges and criteria by value, and whether their sum makes sense.
    pub gauges: Vec<(usize, bool)>,
}

#[derive(Debug)]
pub struct Criterion {
    column: usize,
    /// Its position among the growing columns, if it is one.
    pub growing: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub enum Remains {
    Nothing,
    /// The label that says `_other`.
    Name,
    /// A label that every row has in common.
    Common,
    /// The growth of a growing column, by its position among them.
    Growth(usize),
    Sum,
}

impl Columns {
    pub fn find(shape: &Shape, rows: &Rows) -> Result<Self, MissingColumn> {
        let names = rows.columns();
        let having = |prefix: &'static str| {
            (0..names.len()).filter(move |column| names[*column].starts_with(prefix))
        };
        let among =
            |list: &[String], column: usize| list.iter().any(|name| **name == *names[column]);
        let hidden = |column: &usize| {
            [KEY, RANK, GROWTH, PART].iter().any(|prefix| names[*column].starts_with(prefix))
        };
        let labels: Vec<_> =
            shape.key.iter().map(|label| rows.column(label)).collect::<Result<_, _>>()?;
        let other = rows.column(&shape.other)?;
        let growing: Vec<usize> = (0..names.len())
            .filter(|column| among(&shape.counters, *column) || names[*column].starts_with(GROWTH))
            .collect();
        let place = |column: usize| growing.iter().position(|growing| *growing == column);
        let criteria = shape.by.iter().map(|name| {
            let column = rows.column(name)?;
            Ok(Criterion { column, growing: place(column) })
        });
        let criteria = criteria.collect::<Result<_, _>>()?;
        let shown: Vec<usize> = (0..names.len()).filter(|column| !hidden(column)).collect();
        let is_rank = |column: usize| names[column].starts_with(RANK);
        let is_gauge = |column: &usize| among(&shape.gauges, *column) || is_rank(*column);
        let remains = shown.iter().map(|column| match place(*column) {
            _ if *column == other => Remains::Name,
            _ if labels.contains(column) => Remains::Nothing,
            Some(place) if among(&shape.summed, *column) => Remains::Growth(place),
            None if among(&shape.summed, *column) => Remains::Sum,
            None if !among(&shape.gauges, *column) => Remains::Common,
            _ => Remains::Nothing,
        });
        Ok(Self {
            remains: remains.collect(),
            gauges: (0..names.len())
                .filter(is_gauge)
                .map(|column| (column, among(&shape.summed, column) || is_rank(column)))
                .collect(),
            key: labels.iter().copied().chain(having(KEY)).collect(),
            parts: having(PART).collect(),
            other,
            criteria,
            growing,
            shown,
        })
    }

    /// How an object stands by each criterion: what grew by its growth and then
    /// by its height, which alone is known at first.
    pub fn strengths(&self, row: Row<'_>, scores: &[f64]) -> Vec<Option<Strength>> {
        let strength = |(criterion, score): (&Criterion, &f64)| {
            let value = row.number(criterion.column)?;
            Some(if criterion.growing.is_some() { (*score, value) } else { (value, 0.0) })
        };
        self.criteria.iter().zip(scores).map(strength).collect()
    }
}

/// The cells that tell one thing from another, as one text.
pub fn identity(row: Row<'_>, columns: &[usize]) -> Box<str> {
    let mut text = String::new();
    for column in columns {
        match row.value(*column) {
            Value::Null => text.push('\0'),
            Value::Text(part) => text.push_str(part),
            Value::Number(number) => {
                let _ = write!(text, "{number}");
            }
        }
        text.push('\u{1f}');
    }
    text.into()
}
