//! A table of air.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "table-bloat",
    lessons: &["key-metrics#table-sizes", "key-metrics#dead-tuples"],
    happens: "Nine of ten rows of a table are deleted and vacuumed away. The space is free \
              for new rows, but the table stays as large as it was, and whoever reads it \
              reads the air too.",
    look_at: "The bytes that a rewrite would give back, and their share.",
    healing: "VACUUM FULL, which locks the table; pg_repack would not.",
    moves: &[
        Move::reaches("pg_table_bloat_ratio", 0.8),
        Move::reaches("pg_table_bloat_bytes", 30000000.0),
    ],
    alerts: &["PostgresTableBloat"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // Of numbers alone, so that the estimate is sure of itself. The last row keeps
    // VACUUM from cutting off the empty end.
    stage
        .primary
        .execute(
            "create table airy as select n as id, n as a, n as b, n as c, n as d, n as e \
             from generate_series(1::bigint, 500000) n",
        )
        .await?;
    stage.primary.execute("delete from airy where id % 10 <> 0").await?;
    stage.primary.execute("vacuum (analyze) airy").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("vacuum (full, analyze) airy").await
}
