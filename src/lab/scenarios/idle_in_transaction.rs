//! A session that began a transaction and went away.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "idle-in-transaction",
    lessons: &["pg-stat-views#pg_stat_activity"],
    happens: "An application updates a row and never says COMMIT. Its transaction stays open: \
              it keeps its locks, and vacuum may not remove what it could still see.",
    look_at: "The oldest idle transaction grows by the second, and the xmin horizon falls behind \
              as others go on writing.",
    healing: "The session ends, and its transaction with it.",
    moves: &[
        Move::reaches("pg_activity_oldest_idle_in_transaction_seconds", 5.0),
        Move::reaches("pg_xmin_horizon_oldest_age_transactions", 20.0),
    ],
    alerts: &[
        "PostgresIdleInTransaction",
        "PostgresIdleInTransactionCritical",
        "PostgresLongTransaction",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table forgotten as select 1 as id").await?;
    stage.primary.execute("create table busy (n int)").await?;
    stage.hold(stage.client(), "begin; update forgotten set id = 2").await?;
    for _ in 0..40 {
        stage.primary.execute("insert into busy values (1)").await?;
    }
    Ok(())
}
