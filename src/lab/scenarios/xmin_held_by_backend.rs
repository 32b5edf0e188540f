//! A forgotten snapshot keeps every dead row.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "xmin-held-by-backend",
    lessons: &["pg-stat-views#find-tables-needing-vacuum", "key-metrics#dead-tuples"],
    happens: "A session begins a REPEATABLE READ transaction and reads once. Its snapshot \
              must stay true, so no row that dies after it may be removed, in any table of \
              the database.",
    look_at: "The age of the xmin horizon, and who holds it. Vacuum runs and removes \
              nothing: dead rows that are younger than the horizon stay.",
    healing: "The session ends.",
    moves: &[
        Move::reaches("pg_xmin_horizon_age_transactions", 2000.0).with(&[("holder", "backend")]),
        Move::reaches("pg_database_dead_tuples", 2000.0).with(&[("datname", "postgres")]),
    ],
    alerts: &["PostgresXminHorizonOld"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(stage.vacuum_traffic()),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // Kept busy, so that it is not the idle transaction that is to blame.
    let snapshot = "begin isolation level repeatable read; select pg_sleep(0.5)";
    stage.repeat(stage.client(), Duration::from_millis(10), snapshot);

    stage.write_traffic().await
}
