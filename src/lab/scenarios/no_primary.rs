//! A cluster that only answers reads.

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage, StopMode};

pub const SCENARIO: Scenario = Scenario {
    name: "no-primary",
    lessons: &["key-metrics#replication-status", "intro#why-this-matters"],
    happens: "The primary is stopped, and nobody promotes the replica. Reads work, so the \
              application looks half alive; every write fails.",
    look_at: "The primary is down, and of the servers that are up none is a primary.",
    healing: "The primary is started again.",
    servers: Servers { replica: Some(Replica::DEFAULT), ..Servers::DEFAULT },
    moves: &[
        Move::falls_to("pg_up", 0.0).with(&[("target", "primary")]),
        Move::falls_to("pg_stat_wal_receiver_streaming", 0.0).with(&[("target", "replica")]),
    ],
    alerts: &[
        "PostgresNoPrimary",
        "PostgresDown",
        "PostgresAvailabilityBurnFast",
        "PostgresAvailabilityBurnSlow",
        "PostgresWalReceiverDown",
        "PostgresReplicaLagTime",
        "PostgresReplicaLagTimeCritical",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.stop(StopMode::Fast).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.start().await
}
