//! A replica that does not reach its primary.

use std::time::Duration;

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "replica-lag-dead-receiver",
    lessons: &["troubleshooting#issue-4-replication-lag", "key-metrics#replication-status"],
    happens: "Somebody changed primary_conninfo on the replica and mistyped the port. Its \
              receiver ends and finds nobody to connect to, while the primary goes on \
              writing.",
    look_at: "No receiver streams, the primary has a sender less, and the lag grows by the \
              second, because nobody knows what the primary has written since.",
    healing: "primary_conninfo is set right, and the replica catches up from its slot.",
    servers: Servers { replica: Some(Replica::DEFAULT), ..Servers::DEFAULT },
    moves: &[
        Move::falls_to("pg_stat_wal_receiver_streaming", 0.0),
        Move::reaches("pg_replication_lag_seconds", 5.0).with(&[("target", "replica")]),
        Move::falls_to("pg_stat_replication_standbys", 0.0)
            .with(&[("target", "primary"), ("state", "streaming")]),
    ],
    alerts: &[
        "PostgresWalReceiverDown",
        "PostgresReplicaDisconnected",
        "PostgresReplicaLagTime",
        "PostgresReplicaLagTimeCritical",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table written (n int)").await?;
    stage.replica_caught_up().await?;
    let replica = stage.replica()?;
    replica
        .execute("alter system set primary_conninfo = 'host=127.0.0.1 port=1 user=postgres'")
        .await?;
    replica.execute("select pg_reload_conf()").await?;
    stage.repeat(stage.client(), Duration::from_millis(200), "insert into written values (1)");
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    let replica = stage.replica()?;
    replica.execute("alter system reset primary_conninfo").await?;
    replica.execute("select pg_reload_conf()").await?;
    stage.replica_caught_up().await
}
