//! One popular row.

use crate::lab::{Move, Result, SOON, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "row-lock-pile-up",
    lessons: &["troubleshooting#issue-5-lock-contention", "key-metrics#lock-waits"],
    happens: "A dozen sessions want to update the same row, and the one that has it takes \
              its time.",
    look_at: "The waiters, and what they wait for: transactionid and tuple are a row. The \
              longest wait grows by the second.",
    healing: "The session that holds the row ends.",
    moves: &[
        Move::reaches("pg_blocking_waiters", 12.0),
        Move::reaches("pg_blocking_waiters_by_locktype", 11.0).with(&[("locktype", "tuple")]),
    ],
    alerts: &["PostgresBlockedSessions", "PostgresLockPileUp", "PostgresLongRunningQuery"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

const HOLDS: &str = "select count(*) > 0 from pg_locks where relation = 'stock'::regclass";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table stock (id int primary key, pieces int)").await?;
    stage.primary.execute("insert into stock values (1, 1000)").await?;
    let take = "update stock set pieces = pieces - 1 where id = 1";
    // Active, not idle: it works in its transaction.
    let holder = "begin; update stock set pieces = pieces - 1 where id = 1; select pg_sleep(600)";
    stage.run(stage.client(), holder).await?;
    stage.primary.wait_for(HOLDS, SOON).await?;
    for _ in 0..12 {
        stage.run(stage.client(), take).await?;
    }
    stage.waiting(12).await
}
