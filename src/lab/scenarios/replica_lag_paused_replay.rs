//! A replica that receives everything and applies nothing.

use std::time::Duration;

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "replica-lag-paused-replay",
    lessons: &["troubleshooting#issue-4-replication-lag", "key-metrics#replication-lag"],
    happens: "Replay is paused on the replica while the primary goes on writing.",
    look_at: "The lag grows by the second on both sides, though the receiver streams and all WAL \
              has arrived: only replay_lsn shows it, sent_lsn does not.",
    healing: "pg_wal_replay_resume(), and the replica catches up.",
    servers: Servers { replica: Some(Replica::DEFAULT), ..Servers::DEFAULT },
    moves: &[
        Move::reaches("pg_replication_lag_seconds", 5.0).with(&[("target", "replica")]),
        Move::reaches("pg_stat_replication_replay_lag_seconds", 5.0),
        Move::reaches("pg_wal_replay_paused", 1.0).with(&[("target", "replica")]),
    ],
    alerts: &[
        "PostgresReplicaLagTime",
        "PostgresReplicaLagTimeCritical",
        "PostgresWalReplayPaused",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table written (n int)").await?;
    stage.replica_caught_up().await?;
    stage.replica()?.execute("select pg_wal_replay_pause()").await?;
    let insert = "insert into written select generate_series(1, 100)";
    stage.repeat(stage.client(), Duration::from_millis(200), insert);
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.replica()?.execute("select pg_wal_replay_resume()").await
}
