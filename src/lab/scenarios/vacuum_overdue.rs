//! A table that is due, and no vacuum comes.

use std::time::Duration;

use crate::lab::{Move, Result, SOON, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "vacuum-overdue",
    lessons: &["pg-stat-views#find-tables-needing-vacuum", "key-metrics#dead-tuples"],
    happens: "A table has many more dead rows than its threshold, and autovacuum, which has \
              been here before, does not come any more: the launcher sleeps too long between \
              its rounds.",
    look_at: "How far the table is above its own threshold (1 is due), beside when it was \
              vacuumed last.",
    healing: "A shorter autovacuum_naptime, and the next round does it.",
    servers: Servers { settings: &[("autovacuum_naptime", "1s")], ..Servers::DEFAULT },
    moves: &[
        Move::reaches("pg_stat_user_tables_n_dead_tup", 20000.0),
        Move::reaches("pg_table_autovacuum_threshold_ratio", 2.0),
    ],
    alerts: &["PostgresTableVacuumOverdue"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const VACUUMED: &str = "select last_autovacuum is not null and n_dead_tup = 0 \
                         from pg_stat_user_tables where relname = 'waiting'";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage
        .primary
        .execute(
            "create table waiting (id int); insert into waiting select generate_series(1, 30000)",
        )
        .await?;
    stage.primary.execute("update waiting set id = id").await?;
    stage.primary.wait_for(VACUUMED, SOON).await?;
    stage.set(&[("autovacuum_naptime", "1d")]).await?;
    // The launcher takes the new setting into its next nap.
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.primary.execute("update waiting set id = id").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.reset(&["autovacuum_naptime"]).await
}
