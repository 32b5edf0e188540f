//! Five sessions in a row, each waiting for the one before.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "blocking-chain",
    lessons: &["troubleshooting#issue-5-lock-contention", "key-metrics#lock-waits"],
    happens: "A session updates a row and stays idle in its transaction. Two others want the same \
              row, an ALTER TABLE waits for them, a SELECT queues behind the ALTER, and one more \
              waits for an advisory lock that the SELECT's session holds.",
    look_at: "Five waiters, a tree five levels deep, and one root that does nothing: idle in \
              transaction. Ending that one session frees all of them.",
    healing: "The root's session ends, and one after the other gets its lock.",
    moves: &[
        Move::reaches("pg_blocking_waiters", 5.0),
        Move::reaches("pg_blocking_tree_depth", 5.0),
        Move::reaches("pg_blocking_roots", 1.0).with(&[("kind", "idle_in_transaction")]),
        Move::reaches("pg_blocking_longest_wait_seconds", 3.0),
    ],
    alerts: &["PostgresBlockedSessions"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

/// What each session does after the root, in this order.
const WAITERS: [&str; 5] = [
    "update chain set note = 'b' where id = 1",
    "update chain set note = 'c' where id = 1",
    "alter table chain add column more int",
    "begin; select pg_advisory_lock(5); select * from chain",
    "select pg_advisory_lock(5)",
];

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table chain (id int primary key, note text)").await?;
    stage.primary.execute("insert into chain values (1, '')").await?;
    stage.hold(stage.client(), "begin; update chain set note = 'a' where id = 1").await?;
    for (before, sql) in WAITERS.into_iter().enumerate() {
        stage.run(stage.client(), sql).await?;
        stage.waiting(before + 1).await?;
    }
    Ok(())
}
