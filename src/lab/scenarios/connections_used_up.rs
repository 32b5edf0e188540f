//! Every slot for clients is taken.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "connections-used-up",
    lessons: &["key-metrics#connections", "troubleshooting#4-check-database-state"],
    happens: "An application opens one connection after the other and closes none, until \
              hardly a slot is left.",
    look_at: "The used share of the slots that are not reserved; nearly all of them idle. \
              The next client is told: sorry, too many clients already.",
    healing: "The application's sessions end.",
    moves: &[
        Move::reaches("pg_connections_used_ratio", 0.95),
        Move::reaches("pg_connections_used", 40.0),
    ],
    alerts: &[
        "PostgresConnectionsHigh",
        "PostgresConnectionsExhausted",
        "PostgresConnectionsExhaustionPredicted",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // 50 slots, 3 of them reserved for superusers, and pglens has its own: what
    // watches must not be what is refused.
    stage.primary.execute("create role shop login").await?;
    for _ in 0..43 {
        stage.hold(stage.client().username("shop"), "select 1").await?;
    }
    Ok(())
}
