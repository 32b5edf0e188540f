//! From what an author writes to PromQL: the selectors that keep servers apart are
//! the same in every query, so nobody writes them.

use std::time::Duration;

use super::vocabulary::Vocabulary;
use crate::catalog::Kind;

/// Prometheus scrapes that often in the course, and a data source knows its own
/// interval; what we poll more seldom needs a longer step.
const SCRAPE_INTERVAL: Duration = Duration::from_secs(15);

/// A level that changes more seldom may be read more often: it says the same, and a
/// graph of the last quarter of an hour is not empty. Only rates need to wait.
const LEVEL_INTERVAL: Duration = Duration::from_secs(300);

/// A query that Grafana can run.
pub struct Query {
    pub expr: String,
    /// The metrics that it reads, in the order of reading.
    pub metrics: Vec<String>,
    /// Shortest step that is not below the interval of what is read, or of a level
    /// five minutes.
    pub min_step: Option<String>,
}

/// Adds to every metric a matcher for each of the page's variables that it has a
/// label for.
pub fn query(written: &str, variables: &[&str], vocabulary: &Vocabulary) -> Result<Query, String> {
    let mut expr = String::with_capacity(written.len() * 2);
    let mut metrics: Vec<String> = Vec::new();
    let mut interval = Duration::ZERO;
    let mut rest = written;
    while let Some(next) = rest.chars().next() {
        if next == '{' || next == '"' {
            // Labels and strings are left as they are.
            let end = if next == '{' { '}' } else { '"' };
            let length = rest[1..].find(end).ok_or_else(|| format!("no {end} in {written}"))? + 2;
            expr.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        if length == 0 {
            expr.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(length);
        rest = after;
        expr.push_str(word);
        let Some(known) = vocabulary.get(word) else {
            if ["pg_", "pglens_", "process_"].iter().any(|prefix| word.starts_with(prefix)) {
                return Err(format!("nobody declares the metric {word}"));
            }
            continue;
        };
        let written_labels = match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((labels, after)) => {
                rest = after;
                labels
            }
            None => "",
        };
        let matchers = variables
            .iter()
            .filter(|variable| known.labels.iter().any(|label| label == *variable))
            .filter(|variable| !has_matcher(written_labels, variable))
            .map(|variable| format!("{variable}=~\"${variable}\""));
        let own = (!written_labels.is_empty()).then(|| written_labels.to_owned());
        let matchers: Vec<_> = matchers.chain(own).collect();
        expr.push_str(&format!("{{{}}}", matchers.join(",")));
        let polled = known.interval.unwrap_or_default();
        interval = interval.max(match known.kind {
            Kind::Gauge => polled.min(LEVEL_INTERVAL),
            _ => polled,
        });
        if !metrics.iter().any(|metric| metric == word) {
            metrics.push(word.to_owned());
        }
    }
    let min_step = (interval > SCRAPE_INTERVAL)
        .then(|| humantime::format_duration(interval).to_string().replace(' ', ""));
    Ok(Query { expr, metrics, min_step })
}

/// Letters, digits and what names of metrics and variables have beside them.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '$')
}

fn has_matcher(labels: &str, label: &str) -> bool {
    let of = |matcher: &str| matcher.trim().split(['=', '!']).next() == Some(label);
    labels.split(',').any(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::Alerts;
    use crate::catalog::Catalog;

    fn prepared(written: &str) -> Result<Query, String> {
        let (catalog, alerts) = (Catalog::builtin().unwrap(), Alerts::builtin().unwrap());
        let vocabulary = Vocabulary::new(&catalog, &alerts);
        query(written, &["instance", "datname"], &vocabulary)
    }

    #[test]
    fn every_metric_is_asked_of_the_chosen_server_only() {
        let query = prepared("sum by (state) (pg_stat_activity_count) / pg_connections_max");
        assert_eq!(
            query.unwrap().expr,
            "sum by (state) \
             (pg_stat_activity_count{instance=~\"$instance\",datname=~\"$datname\"}) \
             / pg_connections_max{instance=~\"$instance\"}"
        );
    }

    #[test]
    fn what_the_author_selects_stays_and_is_not_said_twice() {
        let query = prepared("pg_stat_activity_count{datname=\"a b\", state=\"idle\"}").unwrap();
        assert_eq!(
            query.expr,
            "pg_stat_activity_count{instance=~\"$instance\",datname=\"a b\", state=\"idle\"}"
        );
        assert_eq!(query.metrics, ["pg_stat_activity_count"]);
    }

    #[test]
    fn the_step_is_not_below_the_interval_of_what_is_read() {
        let step = |written| prepared(written).unwrap().min_step;
        assert_eq!(step("rate(pg_stat_wal_bytes_total[$__rate_interval])"), None);
        assert_eq!(step("pg_connections_used + pg_wal_size_bytes").as_deref(), Some("1m"));
    }

    #[test]
    fn an_unknown_metric_is_a_mistake() {
        let error = prepared("rate(pg_stat_wal_byte_total[5m])").err();
        assert_eq!(error.as_deref(), Some("nobody declares the metric pg_stat_wal_byte_total"));
    }
}
