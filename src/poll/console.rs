//! Watching PgBouncer: one connection to its console, on which everything is
//! asked in turn. What it knows is in its memory, so nothing here is slow.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;
use super::pace::jittered;
use super::rounds::Rounds;
use super::schedule::Schedule;
use super::{Signals, Watched};
use crate::catalog::{Collector, Metric};
use crate::expose::{Series, encode};
use crate::rows::{Row, Rows, Value};
use crate::store::{Database, Poll};
use crate::target::{Console, Failure};

pub struct ConsoleLane {
    watched: Arc<Watched>,
    series: Series,
    console: Option<Console>,
    backoff: Backoff,
    schedule: Schedule,
}

impl ConsoleLane {
    pub fn new(watched: Arc<Watched>) -> Self {
        let (now, once) = (Instant::now(), Database::from(""));
        let mut schedule = Schedule::default();
        for (index, collector) in watched.collectors() {
            if let Some(skip) = watched.unwanted(collector) {
                watched.store.skip(watched.id, index, &once, skip);
                continue;
            }
            watched.store.expect(watched.id, index, &once);
            schedule.add(index, once.clone(), now);
        }
        let series = watched.store.series(watched.id);
        Self { watched, series, console: None, backoff: Backoff::default(), schedule }
    }

    pub async fn run(mut self, signals: Signals) {
        let mut rounds = Rounds::new(signals, &self.watched.name, self.longest_poll());
        while rounds.go_on() {
            let Some(position) = self.schedule.next(Instant::now(), |_| true) else { break };
            if rounds.reaches(self.schedule.task(position).due).await
                && let Err(pause) = self.step(position).await
            {
                rounds.rest(pause).await;
            }
        }
        if let Some(console) = self.console.take() {
            console.close().await;
        }
        rounds.end();
    }

    fn longest_poll(&self) -> Duration {
        let polled = self.watched.collectors();
        polled.map(|(_, collector)| self.watched.timeout(collector)).max().unwrap_or_default()
    }

    /// One poll. The error is a pause, after a connection could not be had.
    async fn step(&mut self, position: usize) -> Result<(), Duration> {
        let watched = self.watched.clone();
        let index = self.schedule.task(position).collector;
        let collector = &watched.catalog().collectors()[index];
        let interval = watched.interval(collector, None);
        if let Err(failure) = self.attempt(index, collector, interval).await {
            return Err(self.backoff.failed(failure.reason));
        }
        self.backoff.succeeded();
        self.schedule.put_off(position, Instant::now(), jittered(interval));
        Ok(())
    }

    /// Everything once, in order. The error is that no connection could be had.
    pub async fn once(mut self) -> Result<(), Failure> {
        let watched = self.watched.clone();
        for (index, collector) in watched.collectors() {
            if watched.unwanted(collector).is_none() {
                self.attempt(index, collector, watched.interval(collector, None)).await?;
            }
        }
        if let Some(console) = self.console.take() {
            console.close().await;
        }
        Ok(())
    }

    /// One poll, and the store knows how it went. The error is that no connection could
    /// be had.
    async fn attempt(
        &mut self,
        index: usize,
        collector: &Collector,
        interval: Duration,
    ) -> Result<(), Failure> {
        let (watched, once) = (self.watched.clone(), Database::from(""));
        let Err(failure) = self.poll(index, collector, &once, interval).await else {
            return Ok(());
        };
        watched.store.fail(watched.id, index, &once, &failure, interval);
        if self.console.is_none() {
            watched.store.disconnected(watched.id, &failure);
            return Err(failure);
        }
        if failure.reason.ends_connection() {
            self.console = None;
            watched.store.connections(watched.id, 0);
        }
        Ok(())
    }

    async fn poll(
        &mut self,
        index: usize,
        collector: &Collector,
        database: &Database,
        interval: Duration,
    ) -> Result<(), Failure> {
        let watched = self.watched.clone();
        let console = match &mut self.console {
            Some(console) => console,
            none => none.insert(connect(&watched).await?),
        };
        if let Some(skip) = console.lacks(collector) {
            watched.store.skip(watched.id, index, database, skip);
            return Ok(());
        }
        let began = Instant::now();
        let limit = watched.timeout(collector);
        let command = collector.variants.first().map_or("", |variant| &*variant.sql);
        let answer = console.show(command.trim(), limit, collector.max_rows).await?;
        let duration = began.elapsed();
        let mut rows = figures(collector, &answer.rows);
        watched.policy.filter.apply(collector, &mut rows);
        let poll = Poll {
            rows: &rows,
            encoded: encode(collector, &rows, &self.series),
            rows_beyond_cap: answer.rows_beyond_cap,
            folded: None,
            duration,
            interval,
        };
        watched.store.publish(watched.id, index, database, poll)
    }
}

async fn connect(watched: &Watched) -> Result<Console, Failure> {
    let began = Instant::now();
    let console = watched.endpoint.console().await?;
    watched.store.answered(watched.id, console.version(), began.elapsed());
    watched.store.connections(watched.id, 1);
    tracing::info!(server = %watched.name, version = console.version(), "connected");
    Ok(console)
}

/// From the console's own columns to those that the collector declares. One that
/// this version of PgBouncer does not have is absent.
fn figures(collector: &Collector, answer: &Rows) -> Rows {
    let metrics = collector.metrics.iter().map(|metric| metric.name.as_str());
    let mut rows = Rows::new(collector.labels.iter().map(String::as_str).chain(metrics));
    let column = |name: &str| answer.column(name).ok();
    if let Some((names, values)) = &collector.pivot {
        let (Some(names), Some(values)) = (column(names), column(values)) else { return rows };
        let value = |figure: &str| {
            let named = |row: &Row<'_>| row.text(names) == Some(figure);
            number(answer.iter().find(named)?, values)
        };
        rows.push(collector.metrics.iter().map(|metric| scaled(metric, value)));
        return rows;
    }
    for row in answer.iter() {
        let labels = collector
            .labels
            .iter()
            .map(|label| column(label).map_or(Value::Null, |column| row.value(column).clone()));
        let value = |figure: &str| number(row, column(figure)?);
        let values = collector.metrics.iter().map(|metric| scaled(metric, value));
        rows.push(labels.chain(values).collect::<Vec<_>>());
    }
    rows
}

/// SHOW STATE answers in words.
fn number(row: Row<'_>, column: usize) -> Option<f64> {
    match row.text(column)? {
        "yes" => Some(1.0),
        "no" => Some(0.0),
        text => text.parse().ok(),
    }
}

fn scaled(metric: &Metric, value: impl Fn(&str) -> Option<f64>) -> Value {
    let figure = metric.figure.as_ref();
    figure.and_then(|figure| Some(value(&figure.name)? * figure.scale)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn of(name: &str, columns: &[&str], answer: &[&[&str]]) -> Vec<(String, String)> {
        let catalog = Catalog::builtin().unwrap();
        let collector = catalog.collector(name).unwrap();
        let mut rows = Rows::new(columns.iter().copied());
        for row in answer {
            rows.push(row.iter().map(|cell| Value::from(*cell)).collect::<Vec<_>>());
        }
        let encoded = encode(collector, &figures(collector, &rows), &Series::default());
        let lines = encoded.samples.iter().flat_map(|samples| samples.lines());
        let split = |line: &str| line.rsplit_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
        lines.filter_map(split).collect()
    }

    #[test]
    fn columns_become_metrics_in_base_units_and_what_is_not_there_is_absent() {
        let columns = ["database", "total_query_time", "of_a_later_version"];
        let shown = of("pgbouncer_stats", &columns, &[&["shop", "2500000", "1"]]);
        let series = "pgbouncer_stats_queries_duration_seconds_total{database=\"shop\"}";
        assert_eq!(shown, [(series.to_owned(), "2.5".to_owned())]);
    }

    #[test]
    fn rows_of_figures_become_metrics() {
        let rows: [&[&str]; 3] = [&["users", "3"], &["free_clients", "7"], &["of_later", "x"]];
        let shown = of("pgbouncer_lists", &["list", "items"], &rows);
        let expected = [("pgbouncer_free_clients", "7"), ("pgbouncer_users", "3")];
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(of("pgbouncer_lists", &["other"], &[&["1"]]), []);
        let state = of("pgbouncer_state", &["key", "value"], &[&["active", "no"]]);
        assert_eq!(state, [("pgbouncer_state_active".to_owned(), "0".to_owned())]);
    }
}
