//! One statement that runs and runs.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "long-running-query",
    lessons: &["key-metrics#long-running-queries", "troubleshooting#issue-1-high-cpu-usage"],
    happens: "Somebody starts a report that joins a table with itself a few times too often.",
    look_at: "One active session, and the age of its query.",
    healing: "The query is cancelled.",
    moves: &[Move::reaches("pg_activity_oldest_query_seconds", 5.0)],
    alerts: &["PostgresLongRunningQuery"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // Asleep for the most part, so that the machine stays usable.
    let report = "select count(*) from generate_series(1, 1000000) n, pg_sleep(0.01 * n)";
    stage.run(stage.client(), report).await
}
