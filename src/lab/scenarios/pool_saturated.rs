//! More clients than a pool can serve.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

/// With two server connections and a second each, whoever comes last waits as long
/// as half of those before it need.
const CLIENTS: usize = 30;

pub const SCENARIO: Scenario = Scenario {
    name: "pool-saturated",
    lessons: &["key-metrics#connections", "troubleshooting#issue-3-slow-queries"],
    happens: "Thirty clients share a pool of two server connections, and each query of theirs \
              takes a second. The server itself has nearly nothing to do.",
    look_at: "Clients that wait, and how long the first of them has: every query takes a \
              second on the server and a quarter of a minute for its user. Both server \
              connections are at work all the time, and none is idle.",
    healing: "The clients leave. In life: make the query quick, or the pool larger, as long as \
              the server has room.",
    servers: Servers { pooler: Some(&[("default_pool_size", "2")]), ..Servers::DEFAULT },
    moves: &[
        Move::reaches("pgbouncer_pools_client_waiting_connections", 20.0).with(POOL),
        Move::reaches("pgbouncer_pools_client_maxwait_seconds", 11.0).with(POOL),
        Move::reaches("pgbouncer_pools_server_active_connections", 2.0).with(POOL),
        Move::grows_by("pgbouncer_stats_client_wait_seconds_total", 60.0).with(POOL),
    ],
    alerts: &["PostgresPoolSaturated", "PostgresPoolClientWaiting"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

const POOL: &[(&str, &str)] = &[("database", "postgres")];

async fn break_it(stage: &mut Stage) -> Result<()> {
    let client = stage.pooler()?.client();
    for _ in 0..CLIENTS {
        stage.repeat(client.clone(), Duration::ZERO, "select pg_sleep(1)");
    }
    Ok(())
}
