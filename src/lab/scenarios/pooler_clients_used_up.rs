//! Every place for clients is taken, in front of the server.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "pooler-clients-used-up",
    lessons: &["key-metrics#connections", "troubleshooting#4-check-database-state"],
    happens: "An application opens one connection to PgBouncer after the other and closes none, \
              until hardly a place is left of max_client_conn, here 30.",
    look_at: "The clients connected against their limit. The server sees one session: these \
              clients cost it nothing, and the next one is refused all the same.",
    healing: "The application's sessions end.",
    servers: Servers { pooler: Some(&[("max_client_conn", "30")]), ..Servers::DEFAULT },
    moves: &[Move::reaches("pgbouncer_used_clients", 29.0)],
    alerts: &["PostgresPoolerClientsHigh", "PostgresPoolerClientsExhausted"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let client = stage.pooler()?.client();
    // pglens has one of the 30: what watches must not be what is refused.
    for _ in 0..28 {
        stage.hold(client.clone(), "select 1").await?;
    }
    Ok(())
}
