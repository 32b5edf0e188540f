//! A transaction without a session.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "orphaned-prepared-transaction",
    lessons: &[
        "troubleshooting#issue-5-lock-contention",
        "pg-stat-views#find-tables-needing-vacuum",
    ],
    happens: "A transaction manager prepares a transaction and dies. No session is left, but \
              the transaction keeps its locks and its snapshot, over restarts too.",
    look_at: "The oldest prepared transaction grows by the second, and nothing in \
              pg_stat_activity explains it.",
    healing: "ROLLBACK PREPARED, by hand.",
    servers: Servers { settings: &[("max_prepared_transactions", "5")], ..Servers::DEFAULT },
    moves: &[
        Move::reaches("pg_prepared_transactions", 1.0),
        Move::reaches("pg_prepared_transactions_oldest_seconds", 5.0),
    ],
    alerts: &["PostgresPreparedXactOrphan"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table transfer (id int)").await?;
    let prepare = "begin; insert into transfer values (1); prepare transaction 'orphan'";
    stage.primary.execute(prepare).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("rollback prepared 'orphan'").await
}
