//! A server that is killed and comes back, again and again.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "restart-loop",
    lessons: &["troubleshooting#2-check-logs", "troubleshooting#1-gather-information"],
    happens: "The kernel kills the server because memory ran out, and its supervisor starts \
              it again: five times.",
    look_at: "When the server started, which changes with every restart; pg_up may never be \
              seen at 0.",
    healing: "Nobody kills it any more.",
    moves: &[Move::grows_by("pg_postmaster_start_time_seconds", 2.0)],
    alerts: &["PostgresRestartLoop", "PostgresRestarted", "PostgresCrashRecovery"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    for _ in 0..5 {
        stage.primary.crash()?;
        stage.primary.start().await?;
        // Long enough to be seen by who looks every other second.
        tokio::time::sleep(Duration::from_millis(2500)).await;
    }
    Ok(())
}
