//! Two servers of one cluster that both take writes.

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "two-primaries",
    lessons: &["key-metrics#replication-status", "troubleshooting#1-gather-information"],
    happens: "The replica is promoted while the primary still runs, as by a failover that \
              did not make sure. From now on their data diverges.",
    look_at: "Two servers that are no replica, and the timelines apart. Every write to \
              either is one that the other does not have.",
    healing: "The promoted one is built anew as a replica of the primary; what was written \
              to it is lost.",
    servers: Servers { replica: Some(Replica::DEFAULT), ..Servers::DEFAULT },
    moves: &[Move::falls_to("pg_replication_is_replica", 0.0).with(&[("target", "replica")])],
    alerts: &["PostgresSplitBrain", "PostgresTimelineDiverged", "PostgresRoleChanged"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.replica()?.promote().await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.rebuild_replica().await
}
