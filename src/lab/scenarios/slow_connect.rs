//! A server that is far away.

use std::time::Duration;

use crate::lab::{Exporter, Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "slow-connect",
    lessons: &["troubleshooting#4-check-database-state", "prometheus#metrics-endpoint"],
    happens: "Every packet between a client and the server takes 75 ms, as over a broken link or \
              through an overloaded proxy. A login takes a second, a statement a third of one.",
    look_at: "How long pglens's own connection and its smallest query take, which is what every \
              client feels; the server itself is quick.",
    healing: "The packets are quick again, and pglens connects anew.",
    exporter: Exporter { network: true, ..Exporter::DEFAULT },
    moves: &[
        Move::reaches("pglens_target_connect_duration_seconds", 0.5),
        Move::reaches("pglens_collector_duration_seconds", 0.25)
            .with(&[("collector", "wal_position")]),
    ],
    alerts: &["PostgresExporterProbeLatencyHigh"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.network()?.delay(Duration::from_millis(75));
    // pglens keeps its connections; a new one is what tells.
    stage.reconnect_pglens().await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.network()?.delay(Duration::ZERO);
    stage.reconnect_pglens().await
}
