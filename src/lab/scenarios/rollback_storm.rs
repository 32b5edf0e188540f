//! Every second transaction fails.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "rollback-storm",
    lessons: &["key-metrics#transactions", "log-analysis#errors"],
    happens: "After a release, a statement violates a constraint every time. The application \
              sees errors and tries again.",
    look_at: "Rollbacks beside commits, as rates.",
    moves: &[Move::grows_by("pg_stat_database_xact_rollback", 50.0)],
    alerts: &["PostgresRollbackRatioHigh"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage
        .primary
        .execute("create table item (id int primary key); insert into item values (1)")
        .await?;
    for _ in 0..3 {
        stage.repeat(stage.client(), Duration::from_millis(50), "insert into item values (1)");
    }
    Ok(())
}
