use super::super::record::Sqlstate;
use super::*;

fn said(severity: Severity, sqlstate: &str, message: &str) -> Option<Event> {
    let sqlstate = Sqlstate::at(sqlstate.as_bytes());
    classify(&Record { severity, sqlstate, message: message.as_bytes() }, true)
}

fn logged(message: &str) -> Option<Event> {
    said(Severity::Log, "", message)
}

#[test]
fn statements_are_those_that_ran_and_not_their_phases() {
    let seconds = |text: &str| match logged(text) {
        Some(Event::Statement(seconds)) => Some(seconds),
        _ => None,
    };
    assert_eq!(seconds("duration: 1500.25 ms  statement: select 1"), Some(1.50025));
    assert_eq!(seconds("duration: 2.0 ms  execute <unnamed>: select $1"), Some(0.002));
    for other in [
        "duration: 2.0 ms",
        "duration: 2.0 ms  parse <unnamed>: select 1",
        "duration: 2.0 ms  bind p/C: select 1",
        "duration: 2.0 ms  plan:\n\tQuery Text: select 1",
        "duration: x ms  statement: select 1",
    ] {
        assert_eq!(logged(other), None, "{other}");
    }
}

#[test]
fn sessions_come_and_go() {
    assert_eq!(
        logged("connection received: host=127.0.0.1 port=4"),
        Some(Event::ConnectionReceived)
    );
    assert_eq!(
        logged("connection authorized: user=a database=b"),
        Some(Event::ConnectionAuthorized)
    );
    assert_eq!(
        logged("replication connection authorized: user=a"),
        Some(Event::ConnectionAuthorized)
    );
    assert_eq!(logged("connection authenticated: identity=\"a\" method=md5"), None);
    assert_eq!(
        logged("disconnection: session time: 1:02:03.500 user=a database=b host=c"),
        Some(Event::Disconnection(3723.5))
    );
}

#[test]
fn who_is_not_let_in_is_known_by_sqlstate_and_by_text() {
    for (sqlstate, text, refusal) in [
        ("28P01", "password authentication failed for user \"x\"", Refusal::Authentication),
        ("28000", "no pg_hba.conf entry for host \"x\"", Refusal::Authentication),
        ("28000", "role \"x\" does not exist", Refusal::Authentication),
        ("28000", "LDAP authentication failed for user \"x\"", Refusal::Authentication),
        ("53300", "sorry, too many clients already", Refusal::TooManyConnections),
        ("53300", "too many connections for role \"x\"", Refusal::TooManyConnections),
        ("3D000", "database \"x\" does not exist", Refusal::NoDatabase),
        ("42501", "permission denied for database \"x\"", Refusal::Permission),
        ("57P03", "the database system is starting up", Refusal::Unavailable),
    ] {
        let refused = Some(Event::ConnectionRefused(refusal));
        assert_eq!(said(Severity::Fatal, sqlstate, "???"), refused, "{sqlstate}");
        assert_eq!(said(Severity::Fatal, "", text), refused, "{text}");
        assert_eq!(said(Severity::Error, sqlstate, text), None, "no session ended: {text}");
    }
    assert_eq!(said(Severity::Fatal, "", "terminating connection due to timeout"), None);
}

#[test]
fn locks_deadlocks_and_conflicts() {
    let waiting = "process 7 still waiting for ShareLock on transaction 9 after 1000.1 ms";
    assert_eq!(logged(waiting), Some(Event::LockWait));
    let acquired = "process 7 acquired ShareLock on transaction 9 after 2500.0 ms";
    assert_eq!(logged(acquired), Some(Event::LockAcquired(2.5)));
    assert_eq!(logged("process x still waiting"), None);
    assert_eq!(said(Severity::Error, "40P01", "erkannt"), Some(Event::Deadlock));
    assert_eq!(said(Severity::Error, "", "deadlock detected"), Some(Event::Deadlock));
    let text = "canceling statement due to conflict with recovery";
    assert_eq!(said(Severity::Error, "40001", text), Some(Event::RecoveryConflict));
    let text = "terminating connection due to conflict with recovery";
    assert_eq!(said(Severity::Fatal, "40001", text), Some(Event::RecoveryConflict));
}

#[test]
fn checkpoints_have_a_reason_and_a_duration() {
    for (flags, reason) in [
        ("time", CheckpointReason::Time),
        ("wal", CheckpointReason::Wal),
        ("immediate force wait", CheckpointReason::Requested),
        ("fast force wait", CheckpointReason::Requested),
        ("shutdown immediate", CheckpointReason::Shutdown),
        ("end-of-recovery immediate wait", CheckpointReason::EndOfRecovery),
    ] {
        for what in ["checkpoint", "restartpoint"] {
            let message = format!("{what} starting: {flags}\n");
            assert_eq!(logged(&message), Some(Event::CheckpointStarted(reason)), "{message}");
        }
    }
    let done = "checkpoint complete: wrote 3 buffers (0.0%); 0 WAL file(s) added; write=0.1 s, \
                sync=0.2 s, total=12.345 s; sync files=0, longest=0.000 s";
    assert_eq!(logged(done), Some(Event::CheckpointDone(12.345)));
    let often = "checkpoints are occurring too frequently (9 seconds apart)";
    assert_eq!(logged(often), Some(Event::CheckpointsTooFrequent));
}

#[test]
fn autovacuum_tells_pages_tuples_and_time_in_every_format() {
    let report = "automatic aggressive vacuum of table \"d.s.index scans: 9 pages: 8 removed\": \
                  index scans: 1|pages: 3 removed, 5 remain, 8 scanned (100.00% of total)|\
                  tuples: 40 removed, 60 remain, 7 are dead but not yet removable|\
                  index \"i\": pages: 9 in total|system usage: CPU: user: 0.00 s, system: 0.00 s, \
                  elapsed: 1.25 s";
    for newline in ["\n\t", "\n", "\\n"] {
        let expected = Autovacuum {
            operation: Operation::AggressiveVacuum,
            seconds: Some(1.25),
            pages_removed: Some(3.0),
            pages_scanned: Some(8.0),
            tuples_removed: Some(40.0),
            tuples_not_removable: Some(7.0),
        };
        assert_eq!(logged(&report.replace('|', newline)), Some(Event::Autovacuum(expected)));
    }
    let analyze = "automatic analyze of table \"d.s.t\" system usage: CPU: user: 0.01 s, \
                   system: 0.00 s, elapsed: 0.02 s";
    let Some(Event::Autovacuum(run)) = logged(analyze) else { panic!() };
    assert_eq!((run.operation, run.seconds), (Operation::Analyze, Some(0.02)));
    assert_eq!(run.pages_removed, None);
}

#[test]
fn files_replication_and_crashes() {
    let file = "temporary file: path \"base/pgsql_tmp/pgsql_tmp7.0\", size 14000000\n";
    assert_eq!(logged(file), Some(Event::TempFile(14_000_000.0)));
    let started = |kind| Some(Event::ReplicationStarted(kind));
    let ended = |kind| Some(Event::ReplicationEnded(kind));
    assert_eq!(
        logged("started streaming WAL from primary at 0/3000000 on timeline 1"),
        started(Replication::Physical)
    );
    assert_eq!(logged("replication terminated by primary server"), ended(Replication::Physical));
    assert_eq!(
        said(Severity::Fatal, "", "could not receive data from WAL stream: x"),
        ended(Replication::Physical)
    );
    assert_eq!(
        logged("logical replication apply worker for subscription \"s\" has started\n"),
        started(Replication::Logical)
    );
    assert_eq!(
        logged("logical replication worker for subscription \"s\" will stop because of x"),
        ended(Replication::Logical)
    );
    assert_eq!(
        logged(
            "background worker \"\"logical replication worker\"\" (PID 7) exited with exit code 1"
        ),
        ended(Replication::Logical)
    );
    assert_eq!(logged("terminating any other active server processes"), Some(Event::ProcessCrash));
    assert_eq!(
        logged("database system was not properly shut down; automatic recovery in progress"),
        Some(Event::CrashRecovery)
    );
}

#[test]
fn texts_in_another_language_are_not_read() {
    let message = b"duration: 1.0 ms  statement: select 1";
    let record = Record { severity: Severity::Log, sqlstate: None, message };
    assert_eq!(classify(&record, false), None);
    let record = Record {
        severity: Severity::Fatal,
        sqlstate: None,
        message: b"x authentication failed for user x",
    };
    assert_eq!(classify(&record, false), None);
}
