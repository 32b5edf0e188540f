//! A transaction that works and works and does not end.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "long-transaction",
    lessons: &["troubleshooting#issue-1-high-cpu-usage", "pg-stat-views#pg_stat_activity"],
    happens: "A batch job does everything in one transaction: one short statement after the \
              other, for as long as you watch.",
    look_at: "No query is long and nobody is idle, yet the oldest transaction grows by the \
              second.",
    moves: &[Move::reaches("pg_activity_oldest_transaction_seconds", 5.0)],
    alerts: &["PostgresLongTransaction"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // In a transaction, BEGIN is no more than a warning.
    let batch = "begin; select pg_sleep(0.2)";
    stage.repeat(stage.client(), Duration::from_millis(10), batch);
    Ok(())
}
