//! A server that is up, and nobody can reach it.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "pooler-gone",
    lessons: &["intro#why-this-matters", "troubleshooting#1-gather-information"],
    happens: "PgBouncer dies. PostgreSQL behind it is well, and every application that \
              connects through the pooler is refused.",
    look_at: "pgbouncer_up is 0 while pg_up is 1: look at the pooler, not at the server.",
    healing: "PgBouncer is started again.",
    servers: Servers { pooler: Some(&[]), ..Servers::DEFAULT },
    moves: &[
        Move::falls_to("pgbouncer_up", 0.0),
        Move::reaches("pglens_target_failure", 1.0).with(&[("target", "pooler")]),
    ],
    alerts: &["PostgresPoolerDown"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.pooler()?.stop()
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.pooler()?.start().await
}
