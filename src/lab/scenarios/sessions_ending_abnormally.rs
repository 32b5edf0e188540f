//! Sessions that somebody kills.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "sessions-ending-abnormally",
    lessons: &["log-analysis#connections", "pg-stat-views#pg_stat_database"],
    happens: "Sessions are terminated as soon as they have done a little work, as by an \
              impatient operator or a broken network device. Applications see their \
              connections vanish.",
    look_at: "Sessions killed, fatal or abandoned, as a share of all that end.",
    servers: Servers { since: 14, ..Servers::DEFAULT },
    moves: &[Move::grows_by("pg_stat_database_sessions_killed_total", 10.0)],
    alerts: &["PostgresSessionsAbnormalEnd"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let suicide = "select pg_terminate_backend(pg_backend_pid())";
    stage.repeat(stage.client(), Duration::from_millis(100), suicide);
    Ok(())
}
