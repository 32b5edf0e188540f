//! What was counted since reading began. It only ever grows.

use super::event::{Autovacuum, CheckpointReason, Event, Label, Operation, Refusal, Replication};
use super::histogram::Histogram;
use super::record::Record;
use super::severity::Severity;

/// The classes of the manual's appendix on error codes; all others are `other`.
pub const CLASSES: [&str; 43] = [
    "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22",
    "23", "24", "25", "26", "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40",
    "42", "44", "53", "54", "55", "57", "58", "72", "F0", "HV", "P0",
];

/// Its own defects are the class that matters most.
pub const INTERNAL: &str = "XX";

/// Errors that the lessons or an alert name.
pub const SQLSTATES: [&str; 7] = ["28P01", "40P01", "53300", "57014", "55P03", "53200", "53100"];

/// From the quick to the hopeless.
const STATEMENT: &[f64] = &[0.001, 0.01, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];
const CHECKPOINT: &[f64] = &[1.0, 5.0, 15.0, 30.0, 60.0, 150.0, 300.0, 600.0, 1800.0];
const AUTOVACUUM: &[f64] = &[0.1, 1.0, 10.0, 60.0, 300.0, 1800.0, 7200.0];

/// Counts by the values of a label.
#[derive(Clone, Debug)]
pub struct By<T> {
    counts: Vec<T>,
}

impl<T: Clone> By<T> {
    fn new<L: Label>(zero: T) -> Self {
        Self { counts: vec![zero; L::NAMES.len()] }
    }

    fn of<L: Label>(&mut self, label: L) -> &mut T {
        &mut self.counts[label.position()]
    }

    /// Each value's name with its count.
    pub fn iter<L: Label>(&self) -> impl Iterator<Item = (&'static str, &T)> {
        L::NAMES.iter().copied().zip(&self.counts)
    }
}

#[derive(Clone, Debug)]
pub struct Counts {
    pub messages: [u64; Severity::ALL.len()],
    /// Errors by class, in the order of [`CLASSES`], then [`INTERNAL`] and all others.
    pub classes: [u64; CLASSES.len() + 2],
    pub sqlstates: [u64; SQLSTATES.len()],
    pub statements: Histogram,
    pub connections_received: u64,
    pub connections_authorized: u64,
    pub connections_refused: By<u64>,
    pub disconnections: u64,
    pub session_seconds: f64,
    pub lock_waits: u64,
    pub lock_wait_seconds: f64,
    pub deadlocks: u64,
    pub checkpoints: By<u64>,
    pub checkpoint_durations: Histogram,
    pub checkpoints_too_frequent: u64,
    pub autovacuum_durations: By<Histogram>,
    pub autovacuum_pages_removed: f64,
    pub autovacuum_pages_scanned: f64,
    pub autovacuum_tuples_removed: f64,
    pub autovacuum_tuples_not_removable: f64,
    pub autovacuum_cancelled: u64,
    pub temp_files: u64,
    pub temp_file_bytes: f64,
    pub recovery_conflicts: u64,
    pub replication_started: By<u64>,
    pub replication_ended: By<u64>,
    pub process_crashes: u64,
    pub crash_recoveries: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            messages: Default::default(),
            classes: [0; CLASSES.len() + 2],
            sqlstates: Default::default(),
            statements: Histogram::new(STATEMENT),
            connections_received: 0,
            connections_authorized: 0,
            connections_refused: By::new::<Refusal>(0),
            disconnections: 0,
            session_seconds: 0.0,
            lock_waits: 0,
            lock_wait_seconds: 0.0,
            deadlocks: 0,
            checkpoints: By::new::<CheckpointReason>(0),
            checkpoint_durations: Histogram::new(CHECKPOINT),
            checkpoints_too_frequent: 0,
            autovacuum_durations: By::new::<Operation>(Histogram::new(AUTOVACUUM)),
            autovacuum_pages_removed: 0.0,
            autovacuum_pages_scanned: 0.0,
            autovacuum_tuples_removed: 0.0,
            autovacuum_tuples_not_removable: 0.0,
            autovacuum_cancelled: 0,
            temp_files: 0,
            temp_file_bytes: 0.0,
            recovery_conflicts: 0,
            replication_started: By::new::<Replication>(0),
            replication_ended: By::new::<Replication>(0),
            process_crashes: 0,
            crash_recoveries: 0,
        }
    }
}

impl Counts {
    /// Counts a message, and what it says happened.
    pub fn add(&mut self, record: &Record<'_>, event: Option<Event>) {
        self.messages[record.severity as usize] += 1;
        if record.severity.is_error() {
            self.error(record);
        }
        if let Some(event) = event {
            self.event(event);
        }
    }

    fn error(&mut self, record: &Record<'_>) {
        let Some(sqlstate) = record.sqlstate else { return };
        let classes = CLASSES.iter().chain([&INTERNAL]);
        let known = classes.into_iter().position(|class| sqlstate.in_class(class));
        self.classes[known.unwrap_or(CLASSES.len() + 1)] += 1;
        if let Some(named) = SQLSTATES.iter().position(|code| sqlstate.is(code)) {
            self.sqlstates[named] += 1;
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Statement(seconds) => self.statements.record(seconds),
            Event::ConnectionReceived => self.connections_received += 1,
            Event::ConnectionAuthorized => self.connections_authorized += 1,
            Event::ConnectionRefused(refusal) => *self.connections_refused.of(refusal) += 1,
            Event::Disconnection(seconds) => {
                self.disconnections += 1;
                self.session_seconds += seconds;
            }
            Event::LockWait => self.lock_waits += 1,
            Event::LockAcquired(seconds) => self.lock_wait_seconds += seconds,
            Event::Deadlock => self.deadlocks += 1,
            Event::CheckpointStarted(reason) => *self.checkpoints.of(reason) += 1,
            Event::CheckpointDone(seconds) => self.checkpoint_durations.record(seconds),
            Event::CheckpointsTooFrequent => self.checkpoints_too_frequent += 1,
            Event::Autovacuum(run) => self.autovacuum(run),
            Event::AutovacuumCancelled => self.autovacuum_cancelled += 1,
            Event::TempFile(bytes) => {
                self.temp_files += 1;
                self.temp_file_bytes += bytes;
            }
            Event::RecoveryConflict => self.recovery_conflicts += 1,
            Event::ReplicationStarted(kind) => *self.replication_started.of(kind) += 1,
            Event::ReplicationEnded(kind) => *self.replication_ended.of(kind) += 1,
            Event::ProcessCrash => self.process_crashes += 1,
            Event::CrashRecovery => self.crash_recoveries += 1,
        }
    }

    fn autovacuum(&mut self, run: Autovacuum) {
        if let Some(seconds) = run.seconds {
            self.autovacuum_durations.of(run.operation).record(seconds);
        }
        // An ANALYZE says none of these, and removes nothing; before 15 a VACUUM does not
        // say what it scanned, and that sum is not shown.
        for (sum, told) in [
            (&mut self.autovacuum_pages_removed, run.pages_removed),
            (&mut self.autovacuum_pages_scanned, run.pages_scanned),
            (&mut self.autovacuum_tuples_removed, run.tuples_removed),
            (&mut self.autovacuum_tuples_not_removable, run.tuples_not_removable),
        ] {
            if let Some(told) = told {
                *sum += told;
            }
        }
    }
}
