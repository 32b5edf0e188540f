//! A replica with more to apply than it can.

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "replica-lag-bytes",
    lessons: &["key-metrics#replication-lag", "troubleshooting#issue-4-replication-lag"],
    happens: "Replay stands still on the replica, and the primary writes in bulk: the \
              distance grows by segments.",
    look_at: "The lag in bytes, seen from the primary by replay_lsn. sent_lsn, which the \
              lesson's first query uses, shows nothing.",
    healing: "Replay goes on, and the replica catches up.",
    servers: Servers { replica: Some(Replica::DEFAULT), ..Servers::DEFAULT },
    moves: &[
        Move::reaches("pg_replication_lag_bytes", 64000000.0),
        Move::reaches("pg_stat_replication_replay_lag_bytes", 64000000.0),
    ],
    alerts: &[
        "PostgresReplicaLagBytes",
        "PostgresReplicaLagTime",
        "PostgresReplicaLagTimeCritical",
        "PostgresWalReplayPaused",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.replica_caught_up().await?;
    stage.replica()?.execute("select pg_wal_replay_pause()").await?;
    stage.write_wal(6).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.replica()?.execute("select pg_wal_replay_resume()").await?;
    stage.replica_caught_up().await
}
