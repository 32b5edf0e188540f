//! A table that does not fit the cache is read over and over.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "low-cache-hit-ratio",
    lessons: &["key-metrics#cache-hit-ratio", "pg-stat-views#pg_statio_user_tables"],
    happens: "A report reads a table many times larger than shared_buffers, again and again. \
              No block is still there when it is wanted next.",
    look_at: "Blocks read beside blocks hit, as rates: the ratio of the raw counters is an \
              average over the server's whole life and hides it.",
    servers: Servers { settings: &[("shared_buffers", "1MB")], ..Servers::DEFAULT },
    moves: &[Move::grows_by("pg_stat_database_blks_read", 20000.0).with(&[("datname", "postgres")])],
    alerts: &["PostgresCacheHitRatioLow"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table large (id int, note text)").await?;
    stage
        .primary
        .execute("insert into large select n, repeat('x', 1000) from generate_series(1, 30000) n")
        .await?;
    stage.primary.execute("vacuum (analyze) large").await?;
    stage.repeat(stage.client(), Duration::from_millis(100), "select count(*) from large");
    Ok(())
}
