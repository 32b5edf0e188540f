//! A server that is down.

use crate::lab::{Move, Result, Scenario, Stage, StopMode};

pub const SCENARIO: Scenario = Scenario {
    name: "postgres-gone",
    lessons: &["intro#why-this-matters", "troubleshooting#1-gather-information"],
    happens: "The server is stopped, and connections are refused.",
    look_at: "pg_up is 0 and says why. Everything else is absent within a minute: the last \
              figures of a server that is gone are no figures.",
    healing: "The server is started again.",
    moves: &[Move::falls_to("pg_up", 0.0), Move::reaches("pglens_target_failure", 1.0)],
    alerts: &["PostgresDown", "PostgresAvailabilityBurnFast", "PostgresAvailabilityBurnSlow"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.stop(StopMode::Immediate).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.start().await
}
