//! Nobody resumed what somebody paused, in front of the server.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "pool-paused",
    lessons: &["key-metrics#connections", "troubleshooting#1-gather-information"],
    happens: "Before a restart of the server somebody says PAUSE to PgBouncer, so that clients \
              wait instead of failing. The restart is done, and RESUME is forgotten.",
    look_at: "The database is paused. Clients connect as ever, their first query hangs, and no \
              error is said anywhere. The server has no sessions of theirs at all.",
    healing: "RESUME, at PgBouncer's console.",
    servers: Servers { pooler: Some(&[]), ..Servers::DEFAULT },
    moves: &[
        Move::reaches("pgbouncer_databases_paused", 1.0),
        Move::reaches("pgbouncer_pools_client_waiting_connections", 3.0),
        Move::reaches("pgbouncer_pools_client_maxwait_seconds", 5.0),
    ],
    alerts: &["PostgresPoolPaused", "PostgresPoolClientWaiting"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let client = stage.pooler()?.client();
    // A pool that has never had a server connection keeps its clients in the login, and
    // does not count how long.
    stage.hold(client.clone(), "select 1").await?;
    stage.pooler()?.command("pause postgres").await?;
    for _ in 0..3 {
        stage.repeat(client.clone(), Duration::from_millis(100), "select 1");
    }
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.pooler()?.command("resume postgres").await
}
