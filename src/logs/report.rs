//! From counts to rows of the collector's shape.
//!
//! A count is shown where the server would log such messages, be it 0, and where it
//! has done so, because a role or a session may have settings of its own. Else it
//! is unknown, and absent.

use super::counts::{By, CLASSES, INTERNAL, SQLSTATES};
use super::event::{CheckpointReason, Label, Operation, Refusal, Replication};
use super::format::Format;
use super::histogram::Histogram;
use super::severity::Severity;
use super::tail::Tail;
use crate::rows::{Rows, Value};

/// Rows by column name, one a label set.
#[derive(Default)]
struct Table(Vec<Vec<(String, Value)>>);

impl Table {
    fn value(&mut self, metric: &str, value: f64) {
        self.0.push(vec![(metric.to_owned(), value.into())]);
    }

    fn labelled(&mut self, labels: &[(&str, &str)], metric: &str, value: f64) {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        self.0.push(labels.chain([(metric.to_owned(), value.into())]).collect());
    }

    /// A count that is known to be one, or that is more than nothing.
    fn known(&mut self, known: bool, metric: &str, value: f64) {
        if known || value > 0.0 {
            self.value(metric, value);
        }
    }

    fn by<L: Label>(&mut self, known: bool, label: &str, metric: &str, counts: &By<u64>) {
        for (name, count) in counts.iter::<L>() {
            if known || *count > 0 {
                self.labelled(&[(label, name)], metric, *count as f64);
            }
        }
    }

    fn histogram(&mut self, labels: &[(&str, &str)], metric: &str, histogram: &Histogram) {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        let buckets = histogram
            .buckets()
            .map(|(bound, count)| (format!("{metric}:le:{bound}"), (count as f64).into()));
        let totals = [
            (format!("{metric}:sum"), histogram.sum().into()),
            (format!("{metric}:count"), (histogram.count() as f64).into()),
        ];
        self.0.push(labels.chain(buckets).chain(totals).collect());
    }
}

/// What is known now. `via` is how the file is read.
pub fn rows(tail: &Tail, via: &str) -> Rows {
    let mut table = Table::default();
    if let Some(format) = tail.format() {
        messages(&mut table, tail, format);
        statements_and_sessions(&mut table, tail);
        locks(&mut table, tail);
        maintenance(&mut table, tail);
        servers(&mut table, tail);
        let labels = [("format", format.as_str()), ("via", via)];
        table.labelled(&labels, "pglens_log_source", 1.0);
    }
    reading(&mut table, tail);
    Rows::from_cells(table.0)
}

fn messages(table: &mut Table, tail: &Tail, format: Format) {
    let (settings, counts) = (tail.settings(), &tail.counts);
    for (severity, count) in Severity::ALL.into_iter().zip(counts.messages) {
        if settings.logs(severity) || count > 0 {
            let label = [("severity", severity.as_str())];
            table.labelled(&label, "pg_log_messages_total", count as f64);
        }
    }
    if settings.has_sqlstate(format) {
        let classes = CLASSES.into_iter().chain([INTERNAL, "other"]);
        for (class, count) in classes.zip(counts.classes) {
            let label = [("sqlstate_class", class)];
            table.labelled(&label, "pg_log_errors_total", count as f64);
        }
        for (sqlstate, count) in SQLSTATES.into_iter().zip(counts.sqlstates) {
            table.labelled(&[("sqlstate", sqlstate)], "pg_log_sqlstate_total", count as f64);
        }
    }
}

fn statements_and_sessions(table: &mut Table, tail: &Tail) {
    let (settings, counts) = (tail.settings(), &tail.counts);
    if settings.logs_statements() || counts.statements.count() > 0 {
        table.histogram(&[], "pg_log_statement_duration_seconds", &counts.statements);
    }
    table.known(
        settings.logs_connections("receipt"),
        "pg_log_connections_received_total",
        counts.connections_received as f64,
    );
    table.known(
        settings.logs_connections("authorization"),
        "pg_log_connections_authorized_total",
        counts.connections_authorized as f64,
    );
    table.by::<Refusal>(
        settings.logs(Severity::Fatal) && reads_errors(tail),
        "reason",
        "pg_log_connections_refused_total",
        &counts.connections_refused,
    );
    let known = settings.logs_disconnections();
    table.known(known, "pg_log_disconnections_total", counts.disconnections as f64);
    table.known(known, "pg_log_session_seconds_total", counts.session_seconds);
}

/// Whether an error can be told from another: by SQLSTATE or by its text.
fn reads_errors(tail: &Tail) -> bool {
    let settings = tail.settings();
    settings.is_english() || tail.format().is_some_and(|format| settings.has_sqlstate(format))
}

fn locks(table: &mut Table, tail: &Tail) {
    let (settings, counts) = (tail.settings(), &tail.counts);
    let known = settings.logs_lock_waits();
    table.known(known, "pg_log_lock_waits_total", counts.lock_waits as f64);
    table.known(known, "pg_log_lock_wait_seconds_total", counts.lock_wait_seconds);
    let known = settings.logs(Severity::Error) && reads_errors(tail);
    table.known(known, "pg_log_deadlocks_total", counts.deadlocks as f64);
}

fn maintenance(table: &mut Table, tail: &Tail) {
    let (settings, counts) = (tail.settings(), &tail.counts);
    let known = settings.logs_checkpoints();
    table.by::<CheckpointReason>(known, "reason", "pg_log_checkpoints_total", &counts.checkpoints);
    if known || counts.checkpoint_durations.count() > 0 {
        table.histogram(&[], "pg_log_checkpoint_duration_seconds", &counts.checkpoint_durations);
    }
    table.known(
        settings.logs_checkpoint_warnings(),
        "pg_log_checkpoints_too_frequent_total",
        counts.checkpoints_too_frequent as f64,
    );
    let known = settings.logs_autovacuum();
    for (operation, durations) in counts.autovacuum_durations.iter::<Operation>() {
        if known || durations.count() > 0 {
            let label = [("operation", operation)];
            table.histogram(&label, "pg_log_autovacuum_duration_seconds", durations);
        }
    }
    let says_scanned = settings.get("server_version_num") >= "150000";
    for (known, metric, count) in [
        (known, "pg_log_autovacuum_pages_removed_total", counts.autovacuum_pages_removed),
        (
            known && says_scanned,
            "pg_log_autovacuum_pages_scanned_total",
            counts.autovacuum_pages_scanned,
        ),
        (known, "pg_log_autovacuum_tuples_removed_total", counts.autovacuum_tuples_removed),
        (
            known,
            "pg_log_autovacuum_tuples_not_removable_total",
            counts.autovacuum_tuples_not_removable,
        ),
    ] {
        table.known(known, metric, count);
    }
    table.known(
        settings.logs_texts(Severity::Error),
        "pg_log_autovacuum_cancelled_total",
        counts.autovacuum_cancelled as f64,
    );
    let known = settings.logs_temp_files();
    table.known(known, "pg_log_temp_files_total", counts.temp_files as f64);
    table.known(known, "pg_log_temp_file_bytes_total", counts.temp_file_bytes);
}

fn servers(table: &mut Table, tail: &Tail) {
    let (settings, counts) = (tail.settings(), &tail.counts);
    table.known(
        settings.logs_texts(Severity::Error),
        "pg_log_recovery_conflicts_total",
        counts.recovery_conflicts as f64,
    );
    let known = settings.logs_texts(Severity::Log);
    let (started, ended) = (&counts.replication_started, &counts.replication_ended);
    table.by::<Replication>(known, "kind", "pg_log_replication_started_total", started);
    table.by::<Replication>(known, "kind", "pg_log_replication_ended_total", ended);
    table.known(known, "pg_log_process_crashes_total", counts.process_crashes as f64);
    table.known(known, "pg_log_crash_recoveries_total", counts.crash_recoveries as f64);
}

fn reading(table: &mut Table, tail: &Tail) {
    let reading = &tail.reading;
    if let Some(behind) = tail.behind() {
        table.value("pglens_log_behind_bytes", behind as f64);
    }
    for (metric, count) in [
        ("pglens_log_read_bytes_total", reading.read_bytes),
        ("pglens_log_unparsed_lines_total", reading.unparsed_lines),
        ("pglens_log_skipped_bytes_total", reading.skipped_bytes),
        ("pglens_log_rotations_total", reading.rotations),
    ] {
        table.value(metric, count as f64);
    }
}
