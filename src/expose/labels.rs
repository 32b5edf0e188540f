//! Labels, written once for each row and shared by all its samples.

use std::collections::HashMap;

use crate::catalog::Collector;
use crate::rows::{Row, Rows, Value};

/// Which series a page carries beside the rows' own labels.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Name and value of labels put on every sample, `target` among them.
    pub constant: Vec<(String, String)>,
}

/// The labels of one row, written, and the number that rows with the same share.
pub(super) struct Labels {
    pub text: String,
    pub identity: usize,
}

pub(super) fn write_labels(
    collector: &Collector,
    labels: &[usize],
    columns: &[Option<usize>],
    rows: &Rows,
    series: &Series,
) -> Vec<Labels> {
    let mut identities: HashMap<String, usize> = HashMap::new();
    rows.iter()
        .map(|row| {
            let own = labels.iter().filter_map(|label| {
                let value = columns[*label].and_then(|column| label_value(row, column))?;
                Some((collector.labels[*label].as_str(), value))
            });
            let mut text = String::new();
            let constant =
                series.constant.iter().map(|(name, value)| (name.as_str(), value.clone()));
            push_labels(&mut text, constant.chain(own));
            let next = identities.len();
            let identity = *identities.entry(text.clone()).or_insert(next);
            Labels { text, identity }
        })
        .collect()
}

fn label_value(row: Row<'_>, column: usize) -> Option<String> {
    match row.value(column) {
        Value::Null => None,
        Value::Text(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
    }
}

/// Writes `{name="value",…}`, or nothing where there is no label.
pub fn push_labels<'a>(out: &mut String, labels: impl Iterator<Item = (&'a str, String)>) {
    let mut open = false;
    for (name, value) in labels {
        out.push(if open { ',' } else { '{' });
        open = true;
        out.push_str(name);
        out.push_str("=\"");
        for c in value.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                c => out.push(c),
            }
        }
        out.push('"');
    }
    if open {
        out.push('}');
    }
}
