//! One session that locks hundreds of objects.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "lock-table-near-full",
    lessons: &["troubleshooting#4-check-database-state", "troubleshooting#issue-5-lock-contention"],
    happens: "A session takes hundreds of locks, as a dump of many partitions does. They all \
              live in one table in shared memory, whose size is set at the start.",
    look_at: "The used share of the lock table. When it is full, any session gets: out of \
              shared memory.",
    healing: "The session ends.",
    servers: Servers { settings: &[("max_locks_per_transaction", "10")], ..Servers::DEFAULT },
    moves: &[Move::reaches("pg_lock_table_used_ratio", 0.6)],
    alerts: &["PostgresLockTableNearFull"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let locks = "select pg_advisory_lock(n) from generate_series(1, 600) n";
    stage.hold(stage.client(), locks).await
}
