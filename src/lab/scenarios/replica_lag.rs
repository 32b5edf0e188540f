//! A replica that receives everything and applies nothing.

use futures_util::future::BoxFuture;

use super::{Broken, SOON, Scenario, Stage};
use crate::lab::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "replica-lag",
    lesson: "troubleshooting#issue-4-replication-lag",
    happens: "Replay is paused on the replica while the primary goes on writing.",
    look_at: "The lag grows by the second on both sides, though the receiver streams and all WAL \
              has arrived: only replay_lsn shows it, sent_lsn does not.",
    moves: &[
        ("pg_replication_lag_seconds", 5.0),
        ("pg_stat_replication_replay_lag_seconds", 5.0),
        ("pg_wal_replay_paused", 1.0),
    ],
    break_it,
    heal,
};

fn break_it(stage: &Stage) -> BoxFuture<'_, Result<Broken>> {
    Box::pin(async {
        let mut broken = Broken::default();
        stage.primary.execute("create table written (n int)").await?;
        stage.replica.catch_up(&stage.primary, SOON).await?;
        stage.replica.execute("select pg_wal_replay_pause()").await?;
        let mut session = stage.primary.connect("postgres").await?;
        broken.tasks.spawn(async move {
            let insert = "insert into written select generate_series(1, 100)";
            while sqlx::raw_sql(insert).execute(&mut session).await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        });
        Ok(broken)
    })
}

fn heal(stage: &Stage) -> BoxFuture<'_, Result<()>> {
    Box::pin(stage.replica.execute("select pg_wal_replay_resume()"))
}
