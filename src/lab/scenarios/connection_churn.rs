//! A connection for every statement.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "connection-churn",
    lessons: &["pg-stat-views#pg_stat_database", "log-analysis#connections"],
    happens: "Clients connect, ask one question and leave, dozens of times a second. The \
              server forks a process for each.",
    look_at: "Sessions begun a second, with next to no connections open at any time. A \
              pooler is what is missing.",
    servers: Servers { since: 14, ..Servers::DEFAULT },
    moves: &[Move::grows_by("pg_stat_database_sessions_total", 200.0)],
    alerts: &["PostgresConnectionChurn"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    for _ in 0..6 {
        stage.churn(stage.client(), Duration::from_millis(10));
    }
    Ok(())
}
