//! Sorts that do not fit their memory.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "temp-file-spill",
    lessons: &["troubleshooting#issue-2-high-memory-usage"],
    happens: "A report sorts far more than work_mem allows, so the sort goes through files \
              on disk.",
    look_at: "Bytes of temporary files a second. More work_mem would help, times the \
              sessions that sort.",
    moves: &[
        Move::grows_by("pg_stat_database_temp_bytes", 200000000.0),
        Move::grows_by("pg_stat_database_temp_files", 3.0),
    ],
    alerts: &["PostgresTempSpill"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

const REPORT: &str = "set work_mem = '64kB'; select n from (select n, repeat('x', 1000) as wide \
                       from generate_series(1, 100000) n order by md5(n::text)) s offset 99999";

async fn break_it(stage: &mut Stage) -> Result<()> {
    for _ in 0..2 {
        stage.repeat(stage.client(), Duration::from_millis(20), REPORT);
    }
    Ok(())
}
