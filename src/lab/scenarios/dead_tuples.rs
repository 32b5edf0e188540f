//! A table that nobody vacuums.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "dead-tuples",
    lessons: &["key-metrics#dead-tuples", "pg-stat-views#pg_stat_user_tables"],
    happens: "Somebody switched autovacuum off for one table. Every row of it is updated, \
              and every old version stays.",
    look_at: "Dead rows as a share of all, and that autovacuum is off for a table.",
    healing: "VACUUM, and autovacuum on again.",
    moves: &[
        Move::reaches("pg_stat_user_tables_n_dead_tup", 20000.0),
        Move::reaches("pg_table_dead_tuples_ratio", 0.3),
        Move::reaches("pg_database_tables_autovacuum_disabled", 1.0),
    ],
    alerts: &["PostgresTableDeadTuples", "PostgresTableVacuumOverdue"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage
        .primary
        .execute(
            "create table neglected (id int, note text) with (autovacuum_enabled = off);
         insert into neglected select n, '' from generate_series(1, 30000) n;
         update neglected set note = 'changed'",
        )
        .await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("alter table neglected reset (autovacuum_enabled)").await?;
    stage.primary.execute("vacuum neglected").await
}
