//! From a message to what happened: by its SQLSTATE where that says it, and else by
//! the fixed beginning of PostgreSQL's own English text. Pure, and blind to
//! whatever users can put into a message.

use std::str::from_utf8;

use memchr::memmem::{find, rfind};

use super::event::{Autovacuum, CheckpointReason, Event, Operation, Refusal, Replication};
use super::record::Record;
use super::severity::Severity;

/// What a message says. `english` is whether texts may be read at all.
pub fn classify(record: &Record<'_>, english: bool) -> Option<Event> {
    let by_text = |read: fn(&[u8]) -> Option<Event>| english.then(|| read(record.message))?;
    match record.severity {
        Severity::Error => error(record, english),
        Severity::Fatal => {
            refusal(record, english).map(Event::ConnectionRefused).or_else(|| by_text(fatal))
        }
        Severity::Log => by_text(log),
        _ => None,
    }
}

fn error(record: &Record<'_>, english: bool) -> Option<Event> {
    if record.sqlstate.is_some_and(|sqlstate| sqlstate.is("40P01")) {
        return Some(Event::Deadlock);
    }
    let says = |text: &str| english && record.message.starts_with(text.as_bytes());
    if record.sqlstate.is_none() && says("deadlock detected") {
        Some(Event::Deadlock)
    } else if says("canceling statement due to conflict with recovery") {
        Some(Event::RecoveryConflict)
    } else if says("canceling autovacuum task") {
        Some(Event::AutovacuumCancelled)
    } else {
        None
    }
}

/// Why a session ended before it began.
fn refusal(record: &Record<'_>, english: bool) -> Option<Refusal> {
    if let Some(sqlstate) = record.sqlstate {
        return match () {
            () if sqlstate.in_class("28") => Some(Refusal::Authentication),
            () if sqlstate.is("53300") => Some(Refusal::TooManyConnections),
            () if sqlstate.is("3D000") => Some(Refusal::NoDatabase),
            () if sqlstate.is("42501") => Some(Refusal::Permission),
            () if sqlstate.is("57P03") => Some(Refusal::Unavailable),
            () => None,
        };
    }
    let message = record.message;
    let begins = |text: &str| english && message.starts_with(text.as_bytes());
    let holds = |text: &str| find(message, text.as_bytes()).is_some();
    let first = |texts: &[&str]| texts.iter().any(|text| begins(text));
    if first(&["sorry, too many clients", "remaining connection slots", "too many connections"]) {
        Some(Refusal::TooManyConnections)
    } else if first(&["the database system is "]) {
        Some(Refusal::Unavailable)
    } else if first(&["permission denied for database"]) {
        Some(Refusal::Permission)
    } else if first(&["database \""]) && holds("\" does not exist") {
        Some(Refusal::NoDatabase)
    } else if first(&["role \"", "no pg_hba.conf entry", "pg_hba.conf rejects"])
        || first(&["password authentication failed", "certificate authentication failed"])
        || (begins("") && holds(" authentication failed for user "))
    {
        Some(Refusal::Authentication)
    } else {
        None
    }
}

fn fatal(message: &[u8]) -> Option<Event> {
    let begins = |text: &str| message.starts_with(text.as_bytes());
    if begins("terminating connection due to conflict with recovery") {
        Some(Event::RecoveryConflict)
    } else if begins("could not receive data from WAL stream")
        || begins("terminating walreceiver due to timeout")
        || begins("terminating walreceiver process due to administrator command")
    {
        Some(Event::ReplicationEnded(Replication::Physical))
    } else {
        None
    }
}

/// What is reported and is no error.
fn log(message: &[u8]) -> Option<Event> {
    let after = |text: &str| message.strip_prefix(text.as_bytes());
    match message.first()? {
        b'd' => {
            if let Some(rest) = after("duration: ") {
                return statement(rest);
            }
            if let Some(rest) = after("disconnection: session time: ") {
                return session_time(rest).map(Event::Disconnection);
            }
            after("database system was not properly shut down; automatic recovery in progress")
                .map(|_| Event::CrashRecovery)
        }
        b'c' => connection(message).or_else(|| checkpoint(message)),
        b'r' => {
            if after("replication connection authorized: ").is_some() {
                return Some(Event::ConnectionAuthorized);
            }
            if after("replication terminated by primary server").is_some() {
                return Some(Event::ReplicationEnded(Replication::Physical));
            }
            checkpoint(message)
        }
        b'p' => lock_wait(after("process ")?),
        b'a' => autovacuum(after("automatic ")?).map(Event::Autovacuum),
        b't' if after("terminating any other active server processes").is_some() => {
            Some(Event::ProcessCrash)
        }
        b't' => {
            let rest = after("temporary file: path ")?;
            let size = rest.get(rfind(rest, b", size ")? + 7..)?;
            number(size).map(Event::TempFile)
        }
        b's' => after("started streaming WAL from primary at ")
            .map(|_| Event::ReplicationStarted(Replication::Physical)),
        b'l' => logical_replication(after("logical replication ")?),
        b'b' => {
            // A worker that failed; its name is quoted as the format has it.
            let rest = after("background worker ")?;
            let holds = |text: &str| find(rest, text.as_bytes()).is_some();
            let apply = holds("logical replication worker") || holds("logical replication apply");
            (apply && holds(") exited with exit code "))
                .then_some(Event::ReplicationEnded(Replication::Logical))
        }
        _ => None,
    }
}

/// `12.345 ms  statement: …` or `…  execute NAME: …`. The phases of the extended
/// protocol (parse, bind) are no statements, plans of auto_explain neither.
fn statement(rest: &[u8]) -> Option<Event> {
    let what = &rest[find(rest, b" ms  ")? + 5..];
    let is = |text: &str| what.starts_with(text.as_bytes());
    let counts = is("statement: ") || is("execute ") || is("fastpath function call: ");
    counts.then(|| number(rest).map(|milliseconds| Event::Statement(milliseconds / 1000.0)))?
}

/// `1:02:03.456`
fn session_time(text: &[u8]) -> Option<f64> {
    let end = text.iter().position(|c| *c == b' ').unwrap_or(text.len());
    let mut parts = from_utf8(&text[..end]).ok()?.splitn(3, ':');
    let mut part = || parts.next()?.parse::<f64>().ok();
    Some(part()? * 3600.0 + part()? * 60.0 + part()?)
}

fn connection(message: &[u8]) -> Option<Event> {
    let what = message.strip_prefix(b"connection ")?;
    if what.starts_with(b"received: ") {
        Some(Event::ConnectionReceived)
    } else if what.starts_with(b"authorized: ") {
        Some(Event::ConnectionAuthorized)
    } else {
        None
    }
}

/// A standby's restartpoints are its checkpoints.
fn checkpoint(message: &[u8]) -> Option<Event> {
    let what = message.strip_prefix(b"checkpoint");
    let what = what.or_else(|| message.strip_prefix(b"restartpoint"))?;
    if let Some(flags) = what.strip_prefix(b" starting:") {
        let has =
            |flag: &str| flags.split(|c| c.is_ascii_whitespace()).any(|f| f == flag.as_bytes());
        let reason = match () {
            () if has("shutdown") => CheckpointReason::Shutdown,
            () if has("end-of-recovery") => CheckpointReason::EndOfRecovery,
            () if has("wal") => CheckpointReason::Wal,
            () if has("time") => CheckpointReason::Time,
            () => CheckpointReason::Requested,
        };
        Some(Event::CheckpointStarted(reason))
    } else if what.starts_with(b" complete: ") {
        after_last(what, " total=").map(Event::CheckpointDone)
    } else if what.starts_with(b"s are occurring too frequently ") {
        Some(Event::CheckpointsTooFrequent)
    } else {
        None
    }
}

/// `17 still waiting for ShareLock on … after 1000.072 ms`
fn lock_wait(rest: &[u8]) -> Option<Event> {
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let what = &rest[digits..];
    if what.starts_with(b" still waiting for ") {
        Some(Event::LockWait)
    } else if what.starts_with(b" acquired ") {
        let milliseconds = after_last(what, " after ")?;
        Some(Event::LockAcquired(milliseconds / 1000.0))
    } else {
        None
    }
}

fn autovacuum(what: &[u8]) -> Option<Autovacuum> {
    let begins = |text: &str| what.starts_with(text.as_bytes());
    let operation = if begins("vacuum of table ") {
        Operation::Vacuum
    } else if begins("aggressive vacuum of table ") {
        Operation::AggressiveVacuum
    } else if begins("vacuum to prevent wraparound of table ")
        || begins("aggressive vacuum to prevent wraparound of table ")
    {
        Operation::VacuumToPreventWraparound
    } else if begins("analyze of table ") {
        Operation::Analyze
    } else {
        return None;
    };
    // The table's name stands before it and may say anything.
    let report = rfind(what, b"index scans: ").map_or(&b""[..], |at| &what[at..]);
    let line = |label: &str| Some(&report[find(report, label.as_bytes())? + label.len()..]);
    let pages = line("pages: ").map(before_newline);
    let tuples = line("tuples: ").map(before_newline);
    let of = |line: Option<&[u8]>, what: &str| line.and_then(|line| number_before(line, what));
    Some(Autovacuum {
        operation,
        seconds: after_last(what, "elapsed: "),
        pages_removed: of(pages, " removed"),
        pages_scanned: of(pages, " scanned"),
        tuples_removed: of(tuples, " removed"),
        tuples_not_removable: of(tuples, " are dead but not yet remov"),
    })
}

fn logical_replication(what: &[u8]) -> Option<Event> {
    let apply = what.strip_prefix(b"apply worker for subscription ");
    let worker = apply.or_else(|| what.strip_prefix(b"worker for subscription "))?;
    let holds = |text: &str| find(worker, text.as_bytes()).is_some();
    if worker.trim_ascii_end().ends_with(b" has started") {
        Some(Event::ReplicationStarted(Replication::Logical))
    } else if holds(" will stop") || holds(" will restart") {
        Some(Event::ReplicationEnded(Replication::Logical))
    } else {
        None
    }
}

/// One line of a report; in jsonlog its end is written `\n`.
fn before_newline(text: &[u8]) -> &[u8] {
    &text[..memchr::memchr2(b'\n', b'\\', text).unwrap_or(text.len())]
}

/// The number at the beginning.
fn number(text: &[u8]) -> Option<f64> {
    let end = text.iter().take_while(|c| c.is_ascii_digit() || **c == b'.').count();
    from_utf8(&text[..end]).ok()?.parse().ok()
}

/// The number behind the last place of a text.
fn after_last(text: &[u8], what: &str) -> Option<f64> {
    number(&text[rfind(text, what.as_bytes())? + what.len()..])
}

/// The number in front of a text.
fn number_before(text: &[u8], what: &str) -> Option<f64> {
    let end = find(text, what.as_bytes())?;
    let digits = text[..end].iter().rev().take_while(|c| c.is_ascii_digit()).count();
    number(&text[end - digits..end])
}

#[cfg(test)]
mod tests;
