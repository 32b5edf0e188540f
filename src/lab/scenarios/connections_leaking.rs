//! A pool that forgets to give connections back.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "connections-leaking",
    lessons: &["key-metrics#connections"],
    happens: "An application leaks a connection every second. More than half of the slots \
              are taken, and at this pace there will soon be none.",
    look_at: "The used share rises in a straight line; where it leads can be told before it \
              is there.",
    healing: "The application's sessions end.",
    moves: &[Move::reaches("pg_connections_used_ratio", 0.6)],
    alerts: &["PostgresConnectionsExhaustionPredicted"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create role shop login").await?;
    let client = stage.client().username("shop");
    for _ in 0..22 {
        stage.hold(client.clone(), "select 1").await?;
    }
    // 37 of 47 at the end: high is another alert's word, and only at 80 %.
    stage.leak(client, 13, Duration::from_secs(1));
    Ok(())
}
