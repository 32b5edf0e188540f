//! One poll: from a collector and an open session to samples.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::time::Instant;

use super::{Caps, Watched};
use crate::catalog::{self, Collector, DYNAMIC, Kind, Metric, Reads, Variant};
use crate::expose::{Encoded, Series, encode};
use crate::logs::{self, Counted, Log};
use crate::rows::Rows;
use crate::target::{Answer, Failure, Plan, Reason, Session, Skip, plan};
use crate::transform::{self, Shape, Top, Transform};

/// Rows that a transform may read: every table or index of a large database.
const MOST_INPUT_ROWS: usize = 200_000;

/// What one collector on one database remembers from poll to poll, made when it is
/// first needed.
#[derive(Default)]
pub struct Memory {
    transform: Option<Box<dyn Transform>>,
    log: Option<Box<Log>>,
}

/// How a poll ended that did not fail.
pub enum Polled {
    Done {
        rows: Rows,
        encoded: Encoded,
        rows_beyond_cap: u64,
        /// Objects without a row of their own, where such are summed up.
        folded: Option<usize>,
        /// Time with the server, which is what the duty bounds.
        took: Duration,
        /// Of the variant that ran, where it has one of its own.
        interval: Option<Duration>,
    },
    Skipped(Skip),
}

/// Polls `collector` on `session`; `at` is the moment on the lane's own clock.
pub async fn poll(
    watched: &Watched,
    collector: &Collector,
    session: &mut Session,
    memory: &mut Memory,
    series: &Series,
    at: Duration,
) -> Result<Polled, Failure> {
    // Whether it is a standby may have changed since we last asked; what else was
    // missing then is asked for with all other facts, from time to time.
    if let Plan::Skip(skip) = plan(collector, session.facts())
        && !matches!(skip, Skip::Role(_))
    {
        return Ok(Polled::Skipped(skip));
    }
    let began = Instant::now();
    let timeout = watched.timeout(collector);
    if !session.prepare(timeout, &collector.requires).await? {
        // A grant was taken back.
        session.refresh(&watched.requirements).await?;
    }
    let variant: Variant = match plan(collector, session.facts()) {
        Plan::Run(variant) => variant.clone(),
        Plan::Skip(skip) => return Ok(Polled::Skipped(skip)),
    };
    // The cap is on what becomes series. What a transform reads on the way there
    // is bounded too, so that no answer of a server can fill our memory.
    let transforms = collector.transform.is_some() || collector.top.is_some();
    let caps = watched.caps(collector);
    let most =
        if transforms || collector.reads == Reads::Log { MOST_INPUT_ROWS } else { caps.rows };
    let Answer { mut rows, mut rows_beyond_cap } = match collector.from_queries_yaml {
        false => session.query(&variant, timeout, most).await?,
        true => session.query_in_schemas(&variant, timeout, most).await?,
    };
    let mut ours = Duration::ZERO;
    if collector.reads == Reads::Log {
        let again = async |session: &mut Session| {
            session.query(&variant, timeout, most).await.map(|answer| answer.rows)
        };
        let log = &mut memory.log;
        rows = match logs::count(log, &watched.wishes.logs, &rows, session, again).await? {
            Counted::Rows(rows, reading) => {
                ours = reading;
                rows
            }
            Counted::Skipped(skip) => return Ok(Polled::Skipped(skip)),
        };
    }
    let took = began.elapsed() - ours;

    watched.policy.filter.apply(collector, &mut rows);
    let mut rows = transformed(collector, caps, rows, &mut memory.transform, at)?;
    rows_beyond_cap += rows.truncate(caps.rows) as u64;
    refuse_undeclared(collector, &rows)?;
    let encoded = encode(collector, &rows, &labelled(watched, collector, series));
    let folded = memory.transform.as_ref().and_then(|transform| transform.folded());
    Ok(Polled::Done { rows, encoded, rows_beyond_cap, folded, took, interval: variant.interval })
}

/// A fresh transform as the collector declares it, under the name for messages.
fn declared(collector: &Collector, caps: Caps) -> Option<(&str, Option<Box<dyn Transform>>)> {
    match (&collector.transform, &collector.top) {
        (Some(name), _) => Some((name, transform::by_name(name))),
        (None, Some(top)) => Some(("top", Some(Box::new(Top::new(shape(collector, top, caps)))))),
        (None, None) => None,
    }
}

fn shape(collector: &Collector, top: &catalog::Top, caps: Caps) -> Shape {
    let names = |wanted: &dyn Fn(&Metric) -> bool| {
        let wanted = collector.metrics.iter().filter(|metric| wanted(metric));
        wanted.map(|metric| metric.name.clone()).collect()
    };
    Shape {
        keep: caps.keep,
        max_rows: caps.rows,
        hold: top.hold,
        by: top.by.clone(),
        key: top.key.clone(),
        other: top.other.clone(),
        counters: names(&|metric| metric.kind == Kind::Counter),
        gauges: names(&|metric| metric.kind == Kind::Gauge),
        summed: names(&|metric| metric.summed),
        evicted: top.evicted,
    }
}

/// The series of the user's own queries say which server they are of, as
/// postgres_exporter's do; a column of the user's goes before a label of ours.
fn labelled<'a>(watched: &Watched, collector: &Collector, series: &'a Series) -> Cow<'a, Series> {
    if !collector.from_queries_yaml {
        return Cow::Borrowed(series);
    }
    let mut series = series.clone();
    if let Ok(dsn) = watched.endpoint.dsn() {
        series.constant.retain(|(name, _)| name != "server");
        series.constant.push(("server".to_owned(), format!("{}:{}", dsn.host, dsn.port)));
    }
    series.constant.retain(|(name, _)| !collector.labels.contains(name));
    Cow::Owned(series)
}

fn transformed(
    collector: &Collector,
    caps: Caps,
    rows: Rows,
    state: &mut Option<Box<dyn Transform>>,
    at: Duration,
) -> Result<Rows, Failure> {
    let Some((name, fresh)) = declared(collector, caps) else { return Ok(rows) };
    let mut current = match state.take().or(fresh) {
        Some(transform) => transform,
        None => return Err(Failure::new(Reason::Result, format!("no transform \"{name}\""))),
    };
    // A defect in one transform must not take the other collectors with it. Its
    // state may be half changed, so it is not put back.
    let rows = catch_unwind(AssertUnwindSafe(|| current.apply(rows, at))).map_err(|_| {
        Failure::new(Reason::Panic, format!("transform \"{name}\" panicked: this is a defect"))
    })?;
    *state = Some(current);
    Ok(rows?)
}

/// A column that nobody declared is a mistake in the SQL, told and not hidden.
fn refuse_undeclared(collector: &Collector, rows: &Rows) -> Result<(), Failure> {
    for column in rows.columns() {
        let is_label = collector.labels.iter().any(|label| **label == **column);
        let is_dynamic = DYNAMIC.contains(&&**column)
            && collector.metrics.iter().any(|metric| metric.dynamic_prefix().is_some());
        if !is_label && !is_dynamic && !collector.metrics.iter().any(|metric| metric.reads(column))
        {
            return Err(Failure::new(
                Reason::Result,
                format!("column \"{column}\" is neither a label nor a metric of this collector"),
            ));
        }
    }
    Ok(())
}
