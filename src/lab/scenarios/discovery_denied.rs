//! Nobody tells any more which servers there are.

use crate::lab::{Exporter, Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "discovery-denied",
    lessons: &["prometheus#metrics-endpoint", "key-metrics#replication-status"],
    happens: "pglens finds the standbys by asking the primary. Somebody takes pg_monitor away \
              from its role, and the primary tells it nothing about them any more.",
    look_at: "The list of servers cannot be had. The standby that is known stays watched; \
              one that came now would not be, and no other metric would miss it. With \
              Patroni it is the same when its REST interface does not answer.",
    healing: "The role is a member of pg_monitor again.",
    servers: Servers { replica: Some(Replica::DEFAULT), ..Servers::DEFAULT },
    exporter: Exporter { finds_standbys: true, ..Exporter::DEFAULT },
    moves: &[Move::falls_to("pglens_discovery_up", 0.0)],
    alerts: &["PostgresExporterDiscoveryFailing"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("revoke pg_monitor from pglens").await?;
    stage.reconnect_pglens().await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("grant pg_monitor to pglens").await?;
    stage.reconnect_pglens().await
}
