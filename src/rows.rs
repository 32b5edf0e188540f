//! What a poll brings back: rows of text and numbers under named columns.
//!
//! Everything between the server and the page speaks this one shape: a query
//! result, what a transform makes of it, and what the store keeps. It knows
//! nothing of SQL, of metrics or of time.

use std::collections::HashMap;
use std::sync::Arc;

/// One cell. A label is text, a sample is a number; a boolean arrives as 1 or 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL: no sample, no label. It never becomes zero.
    Null,
    Number(f64),
    Text(Box<str>),
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A result set, row after row in one allocation.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    columns: Arc<[Box<str>]>,
    values: Vec<Value>,
}

/// The query did not return a column that its reader needs.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("the query returns no column \"{0}\"")]
pub struct MissingColumn(pub String);

impl Rows {
    pub fn new<I>(columns: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        Self { columns: columns.into_iter().map(Into::into).collect(), values: Vec::new() }
    }

    /// Rows given cell by cell under the names of their columns; where a row says
    /// nothing is NULL.
    pub fn from_cells(rows: Vec<Vec<(String, Value)>>) -> Self {
        let mut positions: HashMap<&str, usize> = HashMap::new();
        for (name, _) in rows.iter().flatten() {
            let next = positions.len();
            positions.entry(name).or_insert(next);
        }
        let mut columns = vec![""; positions.len()];
        for (name, position) in &positions {
            columns[*position] = name;
        }
        let mut table = Self::new(columns);
        for row in &rows {
            let mut values = vec![Value::Null; positions.len()];
            for (name, value) in row {
                values[positions[name.as_str()]] = value.clone();
            }
            table.push(values);
        }
        table
    }

    pub fn columns(&self) -> &[Box<str>] {
        &self.columns
    }

    /// Where a column stands, to be looked up once and not for every row.
    pub fn column(&self, name: &str) -> Result<usize, MissingColumn> {
        self.columns
            .iter()
            .position(|column| &**column == name)
            .ok_or_else(|| MissingColumn(name.to_owned()))
    }

    /// Appends one row.
    ///
    /// # Panics
    /// When the row is not as wide as the columns, which is a programming error.
    pub fn push<I: IntoIterator<Item = Value>>(&mut self, row: I) {
        self.values.extend(row);
        assert!(
            self.columns.is_empty() || self.values.len().is_multiple_of(self.columns.len()),
            "a row is as wide as its columns"
        );
    }

    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.columns.len()).unwrap_or(0)
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Drops rows beyond the first `most` and says how many they were.
    pub fn truncate(&mut self, most: usize) -> usize {
        let beyond = self.len().saturating_sub(most);
        self.values.truncate(most * self.columns.len());
        beyond
    }

    /// Keeps the rows that `keep` says yes to.
    pub fn retain(&mut self, keep: impl Fn(Row<'_>) -> bool) {
        let width = self.columns.len().max(1);
        let kept: Vec<bool> = self.iter().map(keep).collect();
        let mut position = 0;
        self.values.retain(|_| {
            let keep = kept[position / width];
            position += 1;
            keep
        });
    }

    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.values.chunks_exact(self.columns.len().max(1)).map(Row)
    }
}

/// One row of [`Rows`], its cells by position.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a>(&'a [Value]);

impl<'a> Row<'a> {
    pub fn value(&self, column: usize) -> &'a Value {
        &self.0[column]
    }

    /// The number in a column; `None` for NULL and for text.
    pub fn number(&self, column: usize) -> Option<f64> {
        match self.0[column] {
            Value::Number(number) => Some(number),
            Value::Null | Value::Text(_) => None,
        }
    }

    /// The text in a column; `None` for NULL and for a number.
    pub fn text(&self, column: usize) -> Option<&'a str> {
        match &self.0[column] {
            Value::Text(text) => Some(text),
            Value::Null | Value::Number(_) => None,
        }
    }
}
