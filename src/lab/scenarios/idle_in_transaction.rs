//! A session that began a transaction and went away.

use futures_util::future::BoxFuture;

use super::{Broken, Scenario, Stage, nothing};
use crate::lab::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "idle-in-transaction",
    lesson: "pg-stat-views#pg_stat_activity",
    happens: "An application updates a row and never says COMMIT. Its transaction stays open: \
              it keeps its locks, and vacuum may not remove what it could still see.",
    look_at: "The oldest idle transaction grows by the second, and the xmin horizon falls behind \
              as others go on writing.",
    moves: &[
        ("pg_activity_oldest_idle_in_transaction_seconds", 5.0),
        ("pg_xmin_horizon_oldest_age_transactions", 20.0),
    ],
    break_it,
    heal: nothing,
};

fn break_it(stage: &Stage) -> BoxFuture<'_, Result<Broken>> {
    Box::pin(async {
        let mut broken = Broken::default();
        stage.primary.execute("create table forgotten as select 1 as id").await?;
        let mut session = stage.primary.connect("postgres").await?;
        sqlx::raw_sql("begin; update forgotten set id = 2").execute(&mut session).await?;
        broken.sessions.push(session);
        stage.primary.execute("create table busy (n int)").await?;
        for _ in 0..40 {
            stage.primary.execute("insert into busy values (1)").await?;
        }
        Ok(broken)
    })
}
