//! A statement that takes more than a second every time.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "slow-statement",
    lessons: &["pg-stat-views#find-slow-queries", "key-metrics#slow-queries"],
    happens: "Somebody dropped an index. One statement now takes more than a second, every \
              time.",
    look_at: "Seconds a call, of each statement: pg_stat_statements knows which one it is.",
    servers: Servers {
        settings: &[("shared_preload_libraries", "pg_stat_statements")],
        extensions: &["pg_stat_statements"],
        ..Servers::DEFAULT
    },
    moves: &[Move::grows_by("pg_stat_statements_seconds_total", 3.0)],
    alerts: &["PostgresSlowStatement"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // Asleep, so that the machine stays usable.
    let slow = "select count(*) from pg_class, pg_sleep(1.5)";
    for _ in 0..2 {
        stage.repeat(stage.client(), Duration::from_millis(50), slow);
    }
    Ok(())
}
