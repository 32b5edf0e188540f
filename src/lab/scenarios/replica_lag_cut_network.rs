//! A network that swallows everything.

use std::time::Duration;

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "replica-lag-cut-network",
    lessons: &["troubleshooting#issue-4-replication-lag", "key-metrics#replication-lag"],
    happens: "A firewall drops every packet between the replica and its primary, and tells \
              neither. Both believe to be connected.",
    look_at: "The receiver still says streaming while its last message grows old. After \
              wal_receiver_timeout, here 5 s and usually a minute, it gives up, and the lag \
              is as long as the silence: nobody knows what was written meanwhile.",
    healing: "The network passes packets again; the connection is cut and made anew.",
    servers: Servers {
        settings: &[("wal_receiver_timeout", "5s"), ("wal_sender_timeout", "5s")],
        replica: Some(Replica { network: true, ..Replica::DEFAULT }),
        ..Servers::DEFAULT
    },
    moves: &[
        Move::falls_to("pg_stat_wal_receiver_streaming", 0.0),
        Move::reaches("pg_replication_lag_seconds", 8.0).with(&[("target", "replica")]),
    ],
    alerts: &[
        "PostgresReplicaLagTime",
        "PostgresReplicaLagTimeCritical",
        "PostgresWalReceiverDown",
        "PostgresReplicaDisconnected",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table written (n int)").await?;
    stage.replica_caught_up().await?;
    stage.network()?.swallow(true);
    stage.repeat(stage.client(), Duration::from_millis(200), "insert into written values (1)");
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.network()?.swallow(false);
    stage.replica_caught_up().await
}
