//! An index of air.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "index-bloat",
    lessons: &["key-metrics#table-sizes", "pg-stat-views#pg_stat_user_indexes"],
    happens: "Most rows of a table are deleted, all over its key. The pages of the index \
              stay, each nearly empty.",
    look_at: "The bytes that REINDEX would give back, and their share.",
    healing: "REINDEX.",
    moves: &[
        Move::reaches("pg_index_bloat_ratio", 0.6),
        Move::reaches("pg_index_bloat_bytes", 2000000.0),
    ],
    alerts: &["PostgresIndexBloat"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table queue (id int primary key)").await?;
    stage.primary.execute("insert into queue select generate_series(1, 300000)").await?;
    stage.primary.execute("delete from queue where id % 10 <> 0").await?;
    stage.primary.execute("vacuum (analyze) queue").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("reindex table queue").await
}
