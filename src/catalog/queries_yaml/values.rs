//! The query that goes to the server: the user's, with every column cast.
//!
//! The types of the columns are known to the server only, so each value is read
//! from its text, by the type that it has there. What is no number is no sample.

use crate::catalog::Metric;

/// A column of the user's query and how a number is made of it.
pub struct Source {
    pub column: String,
    pub reading: Reading,
}

pub enum Reading {
    /// A number, 1 or 0 for a truth value, seconds for times and intervals.
    Number,
    /// What Go writes as a duration (`1m30s`) and PostgreSQL reads as interval.
    Milliseconds,
}

/// The outer query. What nobody asked for stays inside. Brackets are closed on a
/// line of their own, because the user's query may end in a comment, and `offset`
/// keeps the planner from evaluating casts of constants that no row needs.
pub fn select(statement: &str, labels: &[String], metrics: &[(Source, Metric)]) -> String {
    let labels = labels.iter().map(|label| {
        let column = quoted(label);
        // A cast would add the length of the mask to an address.
        format!(
            "case pg_typeof(q.{column}) when 'inet'::regtype then format('%s', q.{column}) \
             else q.{column}::text end as {column}"
        )
    });
    let metrics = metrics
        .iter()
        .map(|(source, metric)| format!("{} as {}", source.expression(), quoted(&metric.name)));
    let columns: Vec<_> = labels.chain(metrics).collect();
    format!(
        "select\n  {}\nfrom (select * from (\n{statement}\n) as written offset 0) as q",
        columns.join(",\n  ")
    )
}

impl Source {
    fn expression(&self) -> String {
        let column = format!("q.{}", quoted(&self.column));
        let text = format!("{column}::text");
        match self.reading {
            Reading::Number => format!(
                "case pg_typeof({column})\n    \
                 when 'boolean'::regtype then ({text})::bool::int4::float8\n    \
                 when 'timestamptz'::regtype then extract(epoch from ({text})::timestamptz)::float8\n    \
                 when 'timestamp'::regtype then extract(epoch from ({text})::timestamp)::float8\n    \
                 when 'date'::regtype then extract(epoch from ({text})::timestamp)::float8\n    \
                 when 'interval'::regtype then extract(epoch from ({text})::interval)::float8\n    \
                 else case when {text} ~* \
                 '^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+|inf(inity)?|nan)(e[-+]?[0-9]+)? *$' \
                 then ({text})::float8 end\n  end"
            ),
            // -1 is "not set" there.
            Reading::Milliseconds => {
                format!("(extract(epoch from nullif({text}, '-1')::interval) * 1000)::float8")
            }
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
