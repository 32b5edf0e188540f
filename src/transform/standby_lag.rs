//! How far a standby is behind, also when its upstream has fallen silent.
//!
//! The usual formula, "0 if all that was received is replayed, else the age of
//! the last replayed transaction", says 0 for ever once the upstream is dead,
//! and shows the idle time as lag when writing starts again. Here the upstream's
//! end of WAL feeds an [`LsnClock`], and while no message comes the lag is at
//! least the silence: nobody can know what was written meanwhile.

use std::time::Duration;

use super::lsn_clock::LsnClock;
use super::{Transform, TransformError};
use crate::rows::{MissingColumn, Row, Rows, Value};

/// What the transform computes, in the order of [`Lags::cells`].
const OUTPUTS: [&str; 8] = [
    "pg_replication_lag",
    "pg_replication_lag_seconds",
    "pg_replication_lag_bytes",
    "pg_standby_receive_lag_seconds",
    "pg_standby_receive_lag_bytes",
    "pg_standby_replay_lag_seconds",
    "pg_standby_replay_lag_bytes",
    "pg_standby_lag_lower_bound",
];

/// Remembers the upstream of one standby. Columns named `standby:…` are its
/// inputs, see [`Standby`]; all others pass through.
#[derive(Debug, Default)]
pub struct StandbyLag {
    clock: LsnClock,
    /// Where the upstream's WAL ended when it last said so.
    upstream_end: Option<f64>,
    /// When its last message came, in seconds on the clock of the polls.
    last_message: Option<f64>,
}

/// One row of the query: what the standby says about itself.
struct Standby {
    in_recovery: bool,
    /// The end of WAL that the upstream announced in its last message, in bytes.
    upstream_end: Option<f64>,
    received: Option<f64>,
    replayed: Option<f64>,
    streaming: bool,
    /// `None` also for a receiver that is still waiting for its first message.
    message_age: Option<f64>,
    /// `wal_receiver_timeout` in seconds; 0 switches it off.
    message_timeout: f64,
    transaction_age: Option<f64>,
}

impl Standby {
    fn read(rows: &Rows, row: Row<'_>) -> Result<Self, MissingColumn> {
        let number = |name: &str| Ok(row.number(rows.column(&format!("{INPUT}{name}"))?));
        Ok(Self {
            in_recovery: number("in_recovery")? == Some(1.0),
            upstream_end: number("upstream_end")?,
            received: number("received")?,
            replayed: number("replayed")?,
            streaming: number("streaming")? == Some(1.0),
            message_age: number("message_age")?,
            message_timeout: number("message_timeout")?.unwrap_or(0.0),
            transaction_age: number("transaction_age")?,
        })
    }

    /// Whether the upstream's announced end of WAL can be taken as today's.
    fn hears_upstream(&self) -> bool {
        let recent = |age| self.message_timeout == 0.0 || age <= self.message_timeout;
        self.streaming && self.message_age.is_some_and(recent)
    }
}

const INPUT: &str = "standby:";

#[derive(Debug, Default, PartialEq)]
struct Part {
    seconds: Option<f64>,
    bytes: Option<f64>,
}

#[derive(Debug, Default, PartialEq)]
struct Lags {
    total: Part,
    receive: Part,
    replay: Part,
    lower_bound: Option<bool>,
}

impl Lags {
    /// A server that follows nobody is not behind, and has no parts.
    fn of_a_primary() -> Self {
        Self { total: Part { seconds: Some(0.0), bytes: Some(0.0) }, ..Self::default() }
    }

    fn cells(&self) -> [Value; OUTPUTS.len()] {
        [
            self.total.seconds.into(),
            self.total.seconds.into(),
            self.total.bytes.into(),
            self.receive.seconds.into(),
            self.receive.bytes.into(),
            self.replay.seconds.into(),
            self.replay.bytes.into(),
            self.lower_bound.map(|bound| f64::from(u8::from(bound))).into(),
        ]
    }
}

impl StandbyLag {
    fn lags(&mut self, standby: &Standby, at: Duration) -> Lags {
        if !standby.in_recovery {
            *self = Self::default();
            return Lags::of_a_primary();
        }
        let Some(replayed) = standby.replayed else { return Lags::default() };
        // A receiver that has just started begins at the start of a segment, so
        // it claims to have received less than is already replayed.
        let received = standby.received.map_or(replayed, |received| received.max(replayed));
        if let Some(age) = standby.message_age {
            self.last_message = Some(at.as_secs_f64() - age);
            self.upstream_end = standby.upstream_end.or(self.upstream_end);
        }
        let end = self.upstream_end.map_or(received, |end| end.max(received));
        self.clock.note(at, end);

        let silence = if standby.hears_upstream() {
            Some(0.0)
        } else {
            self.last_message.map(|message| (at.as_secs_f64() - message).max(0.0))
        };
        let behind = |position| Some(self.clock.lag(position)?.seconds.max(silence?));
        let total = behind(replayed);
        let receive = behind(received);
        Lags {
            total: Part {
                // No message ever: a standby fed from an archive, or one whose
                // upstream was gone before we came.
                seconds: total.or(standby.transaction_age),
                bytes: self.upstream_end.map(|_| end - replayed),
            },
            replay: Part {
                seconds: total.zip(receive).map(|(total, receive)| total - receive),
                bytes: Some(received - replayed),
            },
            receive: Part { seconds: receive, bytes: self.upstream_end.map(|_| end - received) },
            lower_bound: total.and(self.clock.lag(replayed)).map(|lag| lag.lower_bound),
        }
    }
}

impl Transform for StandbyLag {
    fn apply(&mut self, rows: Rows, at: Duration) -> Result<Rows, TransformError> {
        let mut all = rows.iter();
        let (Some(row), None) = (all.next(), all.next()) else {
            return Err(TransformError::Unexpected(format!("{} rows, not one", rows.len())));
        };
        let standby = Standby::read(&rows, row)?;
        let others =
            || rows.columns().iter().enumerate().filter(|(_, name)| !name.starts_with(INPUT));

        let names = others().map(|(_, name)| &**name).chain(OUTPUTS);
        let mut lags = Rows::new(names);
        let passed = others().map(|(index, _)| row.value(index).clone());
        lags.push(passed.chain(self.lags(&standby, at).cells()));
        Ok(lags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A standby that streams and has replayed everything up to 1000.
    fn caught_up() -> Standby {
        Standby {
            in_recovery: true,
            upstream_end: Some(1000.0),
            received: Some(1000.0),
            replayed: Some(1000.0),
            streaming: true,
            message_age: Some(1.0),
            message_timeout: 60.0,
            transaction_age: Some(500.0),
        }
    }

    /// The same without its WAL receiver.
    fn cut_off() -> Standby {
        Standby { upstream_end: None, streaming: false, message_age: None, ..caught_up() }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn lag_after(lag: &mut StandbyLag, standby: Standby, seconds: u64) -> Option<f64> {
        lag.lags(&standby, at(seconds)).total.seconds
    }

    #[test]
    fn an_idle_upstream_is_no_lag() {
        let mut lag = StandbyLag::default();
        for second in 0..100 {
            assert_eq!(lag_after(&mut lag, caught_up(), second), Some(0.0));
        }
    }

    #[test]
    fn a_silent_upstream_is_a_growing_lag() {
        let mut lag = StandbyLag::default();
        lag_after(&mut lag, caught_up(), 10);
        assert_eq!(lag_after(&mut lag, cut_off(), 20), Some(11.0));
        assert_eq!(lag_after(&mut lag, cut_off(), 600), Some(591.0));
        // A receiver that is refused looks as if it streamed, but hears nothing.
        let refused = Standby { message_age: None, ..caught_up() };
        assert_eq!(lag_after(&mut lag, refused, 610), Some(601.0));
        // A receiver that hangs on a dead connection is no better than none.
        let hanging = Standby { message_age: Some(61.0), ..caught_up() };
        assert_eq!(lag_after(&mut lag, hanging, 700), Some(61.0));
        let patient = Standby { message_age: Some(61.0), message_timeout: 0.0, ..caught_up() };
        assert_eq!(lag_after(&mut lag, patient, 700), Some(0.0));
    }

    #[test]
    fn a_paused_replay_lags_by_what_it_did_not_apply() {
        let mut lag = StandbyLag::default();
        lag_after(&mut lag, caught_up(), 10);
        let mut lags = Lags::default();
        for second in 11..=40_u32 {
            let end = Some(1000.0 + f64::from(second - 10) * 10.0);
            let paused = Standby { upstream_end: end, received: end, ..caught_up() };
            lags = lag.lags(&paused, at(u64::from(second)));
        }
        let part = Part { seconds: Some(30.0), bytes: Some(300.0) };
        assert_eq!(lags.replay, part);
        assert_eq!(lags.total, part);
        assert_eq!(lags.receive, Part { seconds: Some(0.0), bytes: Some(0.0) });
        assert_eq!(lags.lower_bound, Some(false));
    }

    #[test]
    fn a_slow_network_is_the_receivers_part() {
        let mut lag = StandbyLag::default();
        lag_after(&mut lag, caught_up(), 10);
        let slow = Standby { upstream_end: Some(2000.0), ..caught_up() };
        let lags = lag.lags(&slow, at(20));
        assert_eq!(lags.receive, Part { seconds: Some(10.0), bytes: Some(1000.0) });
        assert_eq!(lags.replay, Part { seconds: Some(0.0), bytes: Some(0.0) });
    }

    #[test]
    fn a_restarted_receiver_that_claims_less_than_is_replayed_is_believed_no_further() {
        let mut lag = StandbyLag::default();
        lag_after(&mut lag, caught_up(), 10);
        let restarted = Standby { received: Some(0.0), upstream_end: Some(1000.0), ..caught_up() };
        let lags = lag.lags(&restarted, at(11));
        assert_eq!(lags.total, Part { seconds: Some(0.0), bytes: Some(0.0) });
        assert_eq!(lags.replay, Part { seconds: Some(0.0), bytes: Some(0.0) });
    }

    #[test]
    fn an_upstream_with_less_wal_replaces_what_the_old_one_announced() {
        let mut lag = StandbyLag::default();
        let behind = Standby { upstream_end: Some(5000.0), ..caught_up() };
        lag_after(&mut lag, behind, 10);
        assert_eq!(lag_after(&mut lag, caught_up(), 20), Some(0.0));
    }

    #[test]
    fn without_any_message_only_the_last_transaction_is_known() {
        let mut lag = StandbyLag::default();
        let lags = lag.lags(&cut_off(), at(10));
        assert_eq!(lags.total, Part { seconds: Some(500.0), bytes: None });
        assert_eq!(lags.receive, Part::default());
        assert_eq!(lags.replay, Part { seconds: None, bytes: Some(0.0) });
        let blank = Standby { transaction_age: None, ..cut_off() };
        assert_eq!(lag_after(&mut lag, blank, 20), None);
    }

    #[test]
    fn a_promoted_server_forgets_its_upstream() {
        let mut lag = StandbyLag::default();
        lag_after(&mut lag, caught_up(), 10);
        let promoted = Standby { in_recovery: false, ..cut_off() };
        assert_eq!(lag.lags(&promoted, at(20)), Lags::of_a_primary());
        assert_eq!(lag_after(&mut lag, cut_off(), 30), Some(500.0));
    }

    #[test]
    fn other_columns_pass() {
        let mut rows = Rows::new([
            "other",
            "standby:in_recovery",
            "standby:upstream_end",
            "standby:received",
            "standby:replayed",
            "standby:streaming",
            "standby:message_age",
            "standby:message_timeout",
            "standby:transaction_age",
        ]);
        let null = || Value::Null;
        let [a, b, c, d, e, f, g] = [null(), null(), null(), null(), null(), null(), null()];
        rows.push([7.0.into(), 0.0.into(), a, b, c, d, e, f, g]);
        let lags = StandbyLag::default().apply(rows, at(0)).unwrap();
        let row = lags.iter().next().unwrap();
        assert_eq!(row.number(lags.column("other").unwrap()), Some(7.0));
        assert_eq!(row.number(lags.column("pg_replication_lag").unwrap()), Some(0.0));
        assert_eq!(row.value(lags.column("pg_standby_replay_lag_bytes").unwrap()), &Value::Null);
    }

    #[test]
    fn anything_but_one_row_is_refused() {
        assert!(StandbyLag::default().apply(Rows::new(["x"]), at(0)).is_err());
    }
}
