//! Active session history as counters: what the sessions were doing whenever we
//! looked, in seconds, so that a rate is the average number of active sessions.
//!
//! Which sessions are counted is up to the collector's SQL, which hands over
//! how many of them (`sessions`) were seen in each wait.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Transform, TransformError};
use crate::rows::{Row, Rows, Value};

/// A wait that was not seen for so long is forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);

/// The server names some 270 waits and extensions may name more; whatever comes
/// when there are this many is counted together as `_other`.
const MAX_SERIES: usize = 400;

const COLUMNS: [&str; 4] =
    ["wait_event_type", "wait_event", "backend_type", "pg_wait_sampled_seconds_total"];

/// The type of a wait, the wait, and the kind of process.
type Wait = [Box<str>; 3];

#[derive(Debug)]
struct Series {
    seconds: f64,
    last_seen: Duration,
}

/// The transform of the collector `wait_sampling`.
#[derive(Debug, Default)]
pub struct WaitSampling {
    series: BTreeMap<Wait, Series>,
    last_poll: Option<Duration>,
    /// Seconds between two polls, smoothed.
    typical_gap: Option<f64>,
}

impl Transform for WaitSampling {
    fn apply(&mut self, rows: Rows, at: Duration) -> Result<Rows, TransformError> {
        let gap = self.gap(at);
        // Sessions of clients that compute are always there, if only as 0: the
        // page of an idle server shows that it is watched.
        self.add(["CPU", "CPU", "client backend"].map(Into::into), 0.0, at);
        let [event_type, event, backend] =
            [COLUMNS[0], COLUMNS[1], COLUMNS[2]].map(|name| rows.column(name));
        let labels = [event_type?, event?, backend?];
        let sessions = rows.column("sessions")?;
        for row in rows.iter() {
            let seen = row.number(sessions).unwrap_or(0.0).max(0.0);
            self.add(wait(row, labels), seen * gap, at);
        }
        self.series.retain(|_, series| at.saturating_sub(series.last_seen) < FORGET);

        let mut out = Rows::new(COLUMNS);
        for (labels, series) in &self.series {
            let [event_type, event, backend] = labels.each_ref().map(|label| Value::from(&**label));
            out.push([event_type, event, backend, series.seconds.into()]);
        }
        Ok(out)
    }
}

impl WaitSampling {
    /// The seconds that this poll stands for: since the poll before, and none
    /// for the first. After a pause nobody knows what the sessions did all the
    /// while, so a gap counts as three usual ones at most.
    fn gap(&mut self, at: Duration) -> f64 {
        let Some(last) = self.last_poll.replace(at) else { return 0.0 };
        let elapsed = at.saturating_sub(last).as_secs_f64();
        let typical = self.typical_gap.unwrap_or(elapsed);
        // Two polls at one moment must not make every later gap 0.
        let gap = elapsed.min(3.0 * typical.max(1.0));
        self.typical_gap = Some(0.8 * typical + 0.2 * gap);
        gap
    }

    fn add(&mut self, mut wait: Wait, seconds: f64, at: Duration) {
        if self.series.len() >= MAX_SERIES && !self.series.contains_key(&wait) {
            wait = ["_other", "_other", "_other"].map(Into::into);
        }
        let series = self.series.entry(wait).or_insert(Series { seconds: 0.0, last_seen: at });
        series.seconds += seconds;
        series.last_seen = at;
    }
}

fn wait(row: Row<'_>, labels: [usize; 3]) -> Wait {
    labels.map(|label| row.text(label).unwrap_or_default().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Seen<'a> = (&'a str, &'a str, f64);

    fn poll(sampling: &mut WaitSampling, seconds: f64, seen: &[Seen<'_>]) -> BTreeMap<String, f64> {
        let mut rows = Rows::new(["wait_event_type", "wait_event", "backend_type", "sessions"]);
        for &(event_type, event, sessions) in seen {
            rows.push([event_type.into(), event.into(), "client backend".into(), sessions.into()]);
        }
        let out = sampling.apply(rows, Duration::from_secs_f64(seconds)).expect("sampled");
        out.iter()
            .map(|row| (row.text(1).unwrap_or("").to_owned(), row.number(3).unwrap_or(f64::NAN)))
            .collect()
    }

    #[test]
    fn the_first_poll_creates_series_at_zero() {
        let out = poll(&mut WaitSampling::default(), 100.0, &[("Lock", "tuple", 7.0)]);
        assert_eq!(out, BTreeMap::from([("CPU".to_owned(), 0.0), ("tuple".to_owned(), 0.0)]));
    }

    #[test]
    fn each_later_poll_adds_sessions_times_gap() {
        let mut sampling = WaitSampling::default();
        poll(&mut sampling, 0.0, &[]);
        poll(&mut sampling, 5.0, &[("Lock", "tuple", 2.0)]);
        let out = poll(&mut sampling, 10.0, &[("Lock", "tuple", 1.0), ("CPU", "CPU", 4.0)]);
        assert_eq!(out, BTreeMap::from([("CPU".to_owned(), 20.0), ("tuple".to_owned(), 15.0)]));
    }

    #[test]
    fn a_pause_counts_as_three_gaps() {
        let mut sampling = WaitSampling::default();
        poll(&mut sampling, 0.0, &[]);
        poll(&mut sampling, 5.0, &[]);
        assert_eq!(poll(&mut sampling, 3600.0, &[("CPU", "CPU", 1.0)])["CPU"], 15.0);
    }

    #[test]
    fn a_wait_is_forgotten_after_an_hour() {
        let mut sampling = WaitSampling::default();
        poll(&mut sampling, 0.0, &[("Lock", "tuple", 1.0)]);
        assert!(poll(&mut sampling, 3599.0, &[]).contains_key("tuple"));
        assert!(!poll(&mut sampling, 3600.0, &[]).contains_key("tuple"));
    }

    #[test]
    fn too_many_waits_are_counted_together() {
        let names: Vec<String> = (0..1000).map(|n| format!("event{n}")).collect();
        let seen: Vec<Seen<'_>> = names.iter().map(|name| ("Extension", &**name, 1.0)).collect();
        let mut sampling = WaitSampling::default();
        poll(&mut sampling, 0.0, &[]);
        let out = poll(&mut sampling, 5.0, &seen);
        assert_eq!(out.len(), MAX_SERIES + 1);
        assert_eq!(out.values().sum::<f64>(), 5000.0, "nothing is lost");
    }

    proptest! {
        #[test]
        fn counters_never_fall(
            polls in proptest::collection::vec(
                (0.0..1e4, proptest::collection::vec((0_usize..6, -1.0..100.0), 0..8)),
                1..40,
            ),
        ) {
            const EVENTS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
            let mut sampling = WaitSampling::default();
            let (mut now, mut before) = (0.0, BTreeMap::new());
            for (gap, seen) in polls {
                // Longer than an hour unseen, a series may start again at 0.
                now += f64::min(gap, 80.0);
                let seen: Vec<Seen<'_>> =
                    seen.into_iter().map(|(event, n)| ("IO", EVENTS[event], n)).collect();
                let after = poll(&mut sampling, now, &seen);
                for (event, seconds) in &before {
                    prop_assert!(after[event] >= *seconds);
                }
                before = after;
            }
        }
    }
}
