//! A log full of errors.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "log-errors",
    lessons: &["log-analysis#errors", "troubleshooting#2-check-logs"],
    happens: "After a release the application asks for a column that is not there, many times a \
              second.",
    look_at: "Errors in the log by class of SQLSTATE: 42 is a mistake in the statement, not in \
              the data.",
    moves: &[
        Move::grows_by("pg_log_messages_total", 50.0).with(&[("severity", "ERROR")]),
        Move::grows_by("pg_log_errors_total", 50.0).with(&[("sqlstate_class", "42")]),
    ],
    alerts: &["PostgresLogErrorRate"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    for _ in 0..3 {
        stage.repeat(stage.client(), Duration::from_millis(50), "select missing from pg_class");
    }
    Ok(())
}
