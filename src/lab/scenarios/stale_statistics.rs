//! The planner believes in a table that is long gone.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "stale-statistics",
    lessons: &["troubleshooting#issue-3-slow-queries", "pg-stat-views#pg_stat_user_tables"],
    happens: "A table is filled with a hundred times its rows, and nothing analyses it. The \
              planner goes on planning for the small one.",
    look_at: "Rows changed since the last ANALYZE, as a share of the table.",
    healing: "ANALYZE.",
    moves: &[Move::reaches("pg_stat_user_tables_n_mod_since_analyze", 150000.0)],
    alerts: &["PostgresStatsStale"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage
        .primary
        .execute(
            "create table grown (id int) with (autovacuum_enabled = off);
         insert into grown select generate_series(1, 1000);
         analyze grown;
         insert into grown select generate_series(1, 200000)",
        )
        .await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("analyze grown").await
}
