//! What happened on the server, as far as one message tells.

/// Something that the lessons count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A statement that took this many seconds.
    Statement(f64),
    ConnectionReceived,
    ConnectionAuthorized,
    ConnectionRefused(Refusal),
    /// A session that lasted so many seconds.
    Disconnection(f64),
    /// A wait for a lock reached `deadlock_timeout`.
    LockWait,
    /// Such a wait ended with the lock after so many seconds.
    LockAcquired(f64),
    Deadlock,
    CheckpointStarted(CheckpointReason),
    /// A checkpoint took this many seconds.
    CheckpointDone(f64),
    CheckpointsTooFrequent,
    Autovacuum(Autovacuum),
    AutovacuumCancelled,
    /// A temporary file of so many bytes.
    TempFile(f64),
    RecoveryConflict,
    ReplicationStarted(Replication),
    ReplicationEnded(Replication),
    /// A process crashed and took all sessions with it.
    ProcessCrash,
    CrashRecovery,
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// Wrong password, unknown role, no line in pg_hba.conf.
    Authentication,
    TooManyConnections,
    NoDatabase,
    /// Let in by pg_hba.conf, without the right to connect.
    Permission,
    /// The server is starting, stopping or recovers.
    Unavailable,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CheckpointReason {
    Time,
    Wal,
    Requested,
    Shutdown,
    EndOfRecovery,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Replication {
    Physical,
    Logical,
}

/// One run of autovacuum on a table; what the server's version does not say is unknown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autovacuum {
    pub operation: Operation,
    pub seconds: Option<f64>,
    pub pages_removed: Option<f64>,
    pub pages_scanned: Option<f64>,
    pub tuples_removed: Option<f64>,
    pub tuples_not_removable: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    Vacuum,
    AggressiveVacuum,
    VacuumToPreventWraparound,
    Analyze,
}

/// A closed list that is a label's: its values in the order of their counts.
pub trait Label: Copy + Sized + 'static {
    const NAMES: &'static [&'static str];
    fn position(self) -> usize;
}

macro_rules! label {
    ($kind:ty: $($value:ident = $name:literal),+ $(,)?) => {
        impl Label for $kind {
            const NAMES: &'static [&'static str] = &[$($name),+];
            fn position(self) -> usize {
                self as usize
            }
        }
        // The names stand in the order of the values.
        const _: () = {
            let values = [$(<$kind>::$value as usize),+];
            let mut position = 0;
            while position < values.len() {
                assert!(values[position] == position);
                position += 1;
            }
        };
    };
}

label!(Refusal:
    Authentication = "authentication",
    TooManyConnections = "too_many_connections",
    NoDatabase = "no_database",
    Permission = "permission",
    Unavailable = "unavailable",
);
label!(CheckpointReason:
    Time = "time",
    Wal = "wal",
    Requested = "requested",
    Shutdown = "shutdown",
    EndOfRecovery = "end_of_recovery",
);
label!(Replication: Physical = "physical", Logical = "logical");
label!(Operation:
    Vacuum = "vacuum",
    AggressiveVacuum = "aggressive_vacuum",
    VacuumToPreventWraparound = "vacuum_to_prevent_wraparound",
    Analyze = "analyze",
);
