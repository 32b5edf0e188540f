//! How wide a tuple is, from the widths and null fractions of its columns.
//!
//! The query describes the columns in one text, in the order of storage:
//! `"4 i p 0 4,-1 i x 0.25 37"`, each `attlen attalign attstorage nullfrac
//! width` and for an index the number of distinct values. A question mark is
//! what no ANALYZE has measured.

use super::page::MAXALIGN;

/// A variable-width value up to here is stored behind a header of one byte and
/// then needs no alignment, unless its storage is PLAIN.
const SHORT_VALUE: f64 = 127.0;

/// From this mean width on, text and its like are of many lengths as a rule, and
/// end anywhere within an alignment unit.
const MANY_LENGTHS: f64 = 16.0;

/// How far that is believed, because the catalogs do not tell names of all
/// lengths from checksums of one. Found by measuring: more lets the estimate of
/// the latter suffer, less that of the former.
const SCATTER: f64 = 0.4;

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    alignment: usize,
    is_variable: bool,
    has_short_form: bool,
    is_scattered: bool,
    null_fraction: Option<f64>,
    width: f64,
    pub distinct: Option<f64>,
}

impl Column {
    /// `None` when the entry cannot be read or lacks the width, without which
    /// there is nothing to estimate.
    fn parse(entry: &str) -> Option<Self> {
        let mut fields = entry.split(' ');
        let length: i32 = fields.next()?.parse().ok()?;
        let alignment = match fields.next()? {
            "c" => 1,
            "s" => 2,
            "i" => 4,
            "d" => 8,
            _ => return None,
        };
        let storage = fields.next()?;
        let null_fraction = number(fields.next()?).map(|fraction| fraction.clamp(0.0, 1.0));
        let width = number(fields.next()?).filter(|width| *width >= 0.0)?;
        let distinct = fields.next().and_then(number);
        Some(Self {
            alignment,
            is_variable: length < 0,
            has_short_form: length == -1 && storage != "p",
            // Numbers and addresses are kept "m", and hardly vary.
            is_scattered: length == -1 && matches!(storage, "x" | "e") && width >= MANY_LENGTHS,
            null_fraction,
            width,
            distinct,
        })
    }

    pub fn null_fraction(&self) -> f64 {
        self.null_fraction.unwrap_or(0.0)
    }

    fn alignment(&self) -> usize {
        if self.has_short_form && self.width <= SHORT_VALUE { 1 } else { self.alignment }
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The columns of a tuple and what their values need together.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub columns: Vec<Column>,
    /// Mean bytes of the values with their alignment, and of the tuple's end.
    pub data: f64,
    /// The same at the least and the greatest width that the statistics allow.
    bounds: (f64, f64),
    /// Share of the tuples without any NULL, whose headers are shorter.
    pub without_nulls: f64,
    /// Whether one tuple may be wider than the next.
    pub varies: bool,
}

impl Layout {
    pub fn parse(text: &str) -> Option<Self> {
        let entries = text.split(',').filter(|entry| !entry.is_empty());
        entries.map(Column::parse).collect::<Option<Vec<_>>>().map(Self::new)
    }

    /// ANALYZE stores the mean width without its fraction, so where widths vary
    /// the true mean is up to a byte more, and half a byte on average.
    fn new(columns: Vec<Column>) -> Self {
        let data = walk(&columns, 0.5, SCATTER);
        let bounds = (walk(&columns, 0.0, 0.0), walk(&columns, 1.0, 0.0));
        let without_nulls = columns.iter().map(|column| 1.0 - column.null_fraction()).product();
        // A column that is always or never NULL makes no two tuples differ.
        let differs = |column: &Column| column.is_variable || column.null_fraction() > 0.0;
        let varies = columns.iter().any(|column| column.null_fraction() < 1.0 && differs(column));
        Self { columns, data, bounds, without_nulls, varies }
    }

    /// Whether the byte that the statistics leave open decides about a tenth of
    /// a tuple of this size: values of nearly one width that end just before,
    /// or just after, where alignment adds eight bytes.
    pub fn is_on_edge(&self, tuple: f64) -> bool {
        self.bounds.1 - self.bounds.0 > 0.1 * tuple
    }

    /// Whether a column's share of NULLs had to be guessed.
    pub fn is_guessed(&self) -> bool {
        self.columns.iter().any(|column| column.null_fraction.is_none())
    }

    /// The largest mean width among the columns whose values vary in width.
    pub fn widest_variable(&self) -> f64 {
        let variable = self.columns.iter().filter(|column| column.is_variable);
        variable.map(|column| column.width * (1.0 - column.null_fraction())).fold(0.0, f64::max)
    }
}

/// Mean bytes of the columns as they are stored, when variable values are one
/// byte wider than the statistics say with the given probability, and those of
/// many lengths end anywhere with another.
///
/// The padding before a value depends on where the one before it ended, so the
/// walk keeps the probability of each offset within an alignment unit. That is
/// exact for columns of fixed width, and nullable ones mix.
fn walk(columns: &[Column], wider: f64, scatter: f64) -> f64 {
    let mut offsets = [0.0; MAXALIGN];
    offsets[0] = 1.0;
    let mut data = 0.0;
    for column in columns {
        let present = 1.0 - column.null_fraction();
        let alignment = column.alignment();
        let wider = if column.is_variable { wider } else { 0.0 };
        let scatter = if column.is_scattered { scatter } else { 0.0 };
        let mut padding_total = 0.0;
        let mut next = [0.0; MAXALIGN];
        for (offset, probability) in offsets.iter().enumerate() {
            let padding = offset.next_multiple_of(alignment) - offset;
            let end = offset + padding + (column.width % MAXALIGN as f64) as usize;
            padding_total += probability * padding as f64;
            next[end % MAXALIGN] += probability * (1.0 - wider);
            next[(end + 1) % MAXALIGN] += probability * wider;
        }
        data += present * (padding_total + column.width + wider);
        for (offset, probability) in offsets.iter_mut().enumerate() {
            let ends_here = (1.0 - scatter) * next[offset] + scatter / MAXALIGN as f64;
            *probability = present * ends_here + (1.0 - present) * *probability;
        }
    }
    data + expected_padding(&offsets)
}

/// From the last value to where the next tuple may begin.
fn expected_padding(offsets: &[f64; MAXALIGN]) -> f64 {
    let padding = |offset: usize| (offset.next_multiple_of(MAXALIGN) - offset) as f64;
    offsets.iter().enumerate().map(|(offset, probability)| probability * padding(offset)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> f64 {
        Layout::parse(text).unwrap().data
    }

    #[test]
    fn alignment_is_exact_for_fixed_columns() {
        // bool, int8, bool, int8: each bool costs eight bytes.
        assert_eq!(data("1 c p 0 1,8 d p 0 8,1 c p 0 1,8 d p 0 8"), 32.0);
        assert_eq!(data("8 d p 0 8,8 d p 0 8,1 c p 0 1,1 c p 0 1"), 24.0);
    }

    #[test]
    fn short_text_needs_no_alignment_and_plain_text_does() {
        assert!(data("1 c p 0 1,-1 i x 0 6") < data("1 c p 0 1,-1 i p 0 6"));
    }

    #[test]
    fn long_text_ends_anywhere_and_a_number_where_its_width_says() {
        // Both end on an alignment unit or a byte behind it: 3.5 bytes of padding,
        // which is also the mean over all ends; three bytes less, and it is not.
        assert_eq!(data("-1 i x 0 24"), 28.0);
        assert_eq!(data("-1 i m 0 21"), 24.0);
        assert!(data("-1 i x 0 21") > 24.0);
    }

    #[test]
    fn a_nullable_column_counts_as_often_as_it_is_there() {
        assert_eq!(data("8 d p 0.25 8"), 6.0);
        assert_eq!(Layout::parse("8 d p 0.25 8").unwrap().without_nulls, 0.75);
    }

    #[test]
    fn a_dropped_column_only_lengthens_the_header() {
        let layout = Layout::parse("4 i p 0 4,-1 i x 1 0").unwrap();
        assert_eq!((layout.data, layout.without_nulls, layout.varies), (8.0, 0.0, false));
    }

    #[test]
    fn a_width_between_two_alignments_is_on_edge() {
        // Seven bytes or eight after a header of eight are one tuple size, eight or nine are two.
        assert!(!Layout::parse("-1 i x 0 7").unwrap().is_on_edge(16.0));
        assert!(Layout::parse("-1 i x 0 8").unwrap().is_on_edge(16.0));
        assert!(!Layout::parse("-1 i x 0 80").unwrap().is_on_edge(88.0));
    }

    #[test]
    fn a_width_that_nobody_measured_is_no_layout() {
        for text in ["-1 i x 0 ?", "-1 i x 0 -5", "-1 i x 0 NaN", "4 q p 0 4", "4 i p", "rubbish"] {
            assert_eq!(Layout::parse(text), None, "{text}");
        }
        assert!(Layout::parse("4 i p ? 4").unwrap().is_guessed());
    }

    #[test]
    fn a_table_without_columns_has_empty_rows() {
        assert_eq!(Layout::parse("").unwrap().data, 0.0);
    }
}
