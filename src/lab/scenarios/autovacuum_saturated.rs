//! Every vacuum worker is busy with something large.

use crate::lab::{Move, Result, SOON, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "autovacuum-saturated",
    lessons: &["pg-stat-views#pg_stat_user_tables", "pg-stat-views#find-tables-needing-vacuum"],
    happens: "There is one worker, it is told to sleep after every page, and a large table \
              is due. Everything else waits for its turn.",
    look_at: "Workers at work beside the limit, and how long the oldest has been at it.",
    healing: "The cost limit is raised, which even the running worker notices.",
    servers: Servers {
        settings: &[
            ("autovacuum_naptime", "1s"),
            ("autovacuum_max_workers", "1"),
            ("autovacuum_vacuum_cost_delay", "100ms"),
            ("autovacuum_vacuum_cost_limit", "10"),
        ],
        ..Servers::DEFAULT
    },
    moves: &[
        Move::reaches("pg_autovacuum_workers_active", 1.0),
        Move::reaches("pg_autovacuum_worker_oldest_seconds", 5.0),
    ],
    alerts: &[
        "PostgresAutovacuumSaturated",
        "PostgresTableVacuumOverdue",
        "PostgresTableDeadTuples",
    ],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const IDLE: &str =
    "select count(*) = 0 from pg_stat_activity where backend_type = 'autovacuum worker'";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table large (id int, note text)").await?;
    stage
        .primary
        .execute("insert into large select n, repeat('x', 500) from generate_series(1, 20000) n")
        .await?;
    stage.primary.execute("update large set id = -id").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage
        .set(&[("autovacuum_vacuum_cost_delay", "0"), ("autovacuum_vacuum_cost_limit", "10000")])
        .await?;
    stage.primary.wait_for(IDLE, SOON).await
}
