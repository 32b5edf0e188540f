//! A prepared transaction keeps every dead row.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "xmin-held-by-prepared-transaction",
    lessons: &["pg-stat-views#find-tables-needing-vacuum", "key-metrics#dead-tuples"],
    happens: "A transaction was prepared and forgotten. It holds the xmin horizon like an \
              open one, without any session.",
    look_at: "The age of the xmin horizon, and who holds it. Vacuum runs and removes \
              nothing: dead rows that are younger than the horizon stay.",
    healing: "ROLLBACK PREPARED, by hand.",
    servers: Servers { settings: &[("max_prepared_transactions", "5")], ..Servers::DEFAULT },
    moves: &[
        Move::reaches("pg_xmin_horizon_age_transactions", 2000.0)
            .with(&[("holder", "prepared_transaction")]),
        Move::reaches("pg_database_dead_tuples", 2000.0).with(&[("datname", "postgres")]),
    ],
    alerts: &["PostgresXminHorizonOld"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table transfer (id int)").await?;
    let prepare = "begin; insert into transfer values (1); prepare transaction 'orphan'";
    stage.primary.execute(prepare).await?;

    stage.write_traffic().await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("rollback prepared 'orphan'").await?;
    stage.vacuum_traffic().await
}
