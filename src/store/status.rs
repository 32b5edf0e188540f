//! How the polls of a target went: the source of `pg_up` and of every metric
//! about ourselves.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::{Identity, Poll};
use crate::catalog::Software;
use crate::target::{Facts, Failure, Reason, Skip};

/// The connection to a server, as the page and `pg_up` see it.
#[derive(Debug)]
pub struct TargetStatus {
    pub name: String,
    pub software: Software,
    /// The section that found it, if it is not written down.
    pub found_by: Option<String>,
    /// `None` until the first attempt ended.
    pub up: Option<bool>,
    pub since: Instant,
    /// Every collector that was there at first has had its turn.
    pub polled: bool,
    pub failure: Option<Failure>,
    pub failures: BTreeMap<Reason, u64>,
    pub connecting: Option<Duration>,
    pub connections: usize,
    /// As people write it, such as `PostgreSQL 17.4`.
    pub version: Option<String>,
    pub in_recovery: Option<bool>,
    pub system_identifier: Option<String>,
}

impl TargetStatus {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            name: identity.name,
            software: identity.software,
            found_by: identity.found_by,
            up: None,
            since: Instant::now(),
            polled: false,
            failure: None,
            failures: BTreeMap::new(),
            connecting: None,
            connections: 0,
            version: None,
            in_recovery: None,
            system_identifier: None,
        }
    }

    pub(super) fn connected(&mut self, facts: &Facts, connecting: Duration) {
        let (major, minor) = (facts.major(), facts.version_num % 10_000);
        self.answered(&format!("PostgreSQL {major}.{minor}"), connecting);
        self.in_recovery = Some(facts.in_recovery);
        // A service that hides the identifier tells nothing; keep what we knew.
        if facts.system_identifier.is_some() {
            self.system_identifier = facts.system_identifier.clone();
        }
    }

    pub(super) fn answered(&mut self, version: &str, connecting: Duration) {
        self.turn(true);
        self.failure = None;
        self.connecting = Some(connecting);
        self.version = Some(version.to_owned());
    }

    pub(super) fn disconnected(&mut self, failure: &Failure) {
        if self.turn(false) {
            tracing::warn!(server = %self.name, reason = failure.reason.as_str(), %failure,
                next = failure.next_step(), "cannot connect; not logged again until it works");
        }
        *self.failures.entry(failure.reason).or_default() += 1;
        self.failure = Some(failure.clone());
    }

    /// Whether that is news.
    fn turn(&mut self, up: bool) -> bool {
        let turned = self.up != Some(up);
        if turned {
            self.up = Some(up);
            self.since = Instant::now();
        }
        turned
    }

    /// Zero while the server answers.
    pub(super) fn unreachable_for(&self, now: Instant) -> Duration {
        if self.up == Some(false) { now - self.since } else { Duration::ZERO }
    }
}

/// How the last poll of a collector ended.
#[derive(Debug, Default)]
pub enum Outcome {
    #[default]
    Pending,
    Success,
    Failed(Failure),
    Skipped(Skip),
}

/// The record of one collector on one database.
#[derive(Debug, Default)]
pub struct CollectorStatus {
    pub outcome: Outcome,
    pub last_success: Option<SystemTime>,
    /// Of the last success.
    pub duration: Option<Duration>,
    pub rows: Option<usize>,
    pub series: Option<usize>,
    /// Objects that the last success summed up instead of showing them.
    pub folded: Option<usize>,
    /// The interval in force.
    pub interval: Option<Duration>,
    pub failures: BTreeMap<Reason, u64>,
    pub dropped_by_cap: u64,
    pub dropped_as_duplicate: u64,
    pub dropped_as_invalid: u64,
}

impl CollectorStatus {
    pub(super) fn succeeded(&mut self, poll: &Poll<'_>) {
        self.outcome = Outcome::Success;
        self.last_success = Some(SystemTime::now());
        self.duration = Some(poll.duration);
        self.rows = Some(poll.rows.len());
        self.series = Some(poll.encoded.series);
        self.folded = poll.folded;
        self.interval = Some(poll.interval);
        self.dropped_by_cap += poll.rows_beyond_cap;
        self.dropped_as_duplicate += poll.encoded.duplicates;
        self.dropped_as_invalid += poll.encoded.invalid;
    }

    pub(super) fn failed(&mut self, failure: &Failure, interval: Duration) {
        *self.failures.entry(failure.reason).or_default() += 1;
        self.outcome = Outcome::Failed(failure.clone());
        self.interval = Some(interval);
    }

    pub(super) fn skipped(&mut self, skip: Skip) {
        self.outcome = Outcome::Skipped(skip);
        self.interval = None;
        self.rows = None;
        self.series = None;
        self.folded = None;
        self.duration = None;
    }
}
