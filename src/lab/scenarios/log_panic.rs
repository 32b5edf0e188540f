//! A server that cannot go on.

use std::time::{Duration, Instant};

use crate::lab::{Error, Move, Result, SOON, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "log-panic",
    lessons: &["log-analysis#errors", "troubleshooting#2-check-logs"],
    happens: "The server may no longer create files in pg_wal, as when a volume turned read-only. \
              When it needs the next segment it cannot go on: PANIC, and every session is gone. \
              Somebody makes the folder writable and starts it.",
    look_at: "One PANIC in the log, which says why; everything else only says that the server \
              was away.",
    healing: "Nothing is left to do; the counter stands still.",
    moves: &[Move::grows_by("pg_log_messages_total", 1.0).with(&[("severity", "PANIC")])],
    alerts: &["PostgresLogPanic", "PostgresCrashRecovery"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.permit("pg_wal", 0o500)?;
    let began = Instant::now();
    // Some segments are there already.
    while began.elapsed() < SOON {
        match stage.write_wal(1).await {
            Ok(()) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(Error::Sql(_)) => break,
            Err(other) => return Err(other),
        }
    }
    stage.primary.permit("pg_wal", 0o700)?;
    stage.primary.ended().await?;
    stage.primary.start().await
}
