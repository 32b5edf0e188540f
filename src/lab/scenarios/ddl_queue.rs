//! An ALTER TABLE that stops a table from being read.

use crate::lab::{Move, Result, SOON, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "ddl-queue",
    lessons: &["troubleshooting#issue-5-lock-contention", "key-metrics#lock-waits"],
    happens: "A long report reads a table. An ALTER TABLE waits for it, and from then on \
              every other reader waits behind the ALTER, though they would not be in each \
              other's way.",
    look_at: "A dozen waiters for one relation, most of them for AccessShareLock, which only \
              ever waits for DDL.",
    healing: "The report is ended; with lock_timeout the ALTER would have given up by \
              itself.",
    moves: &[
        Move::reaches("pg_blocking_waiters", 12.0),
        Move::reaches("pg_blocking_waiters_by_mode", 11.0).with(&[("mode", "AccessShareLock")]),
    ],
    alerts: &["PostgresBlockedSessions", "PostgresLockPileUp", "PostgresLongRunningQuery"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

const HOLDS: &str = "select count(*) > 0 from pg_locks where relation = 'read_by_all'::regclass";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table read_by_all (id int)").await?;
    let report = "begin; select * from read_by_all; select pg_sleep(600)";
    stage.run(stage.client(), report).await?;
    stage.primary.wait_for(HOLDS, SOON).await?;
    stage.run(stage.client(), "alter table read_by_all add column more int").await?;
    stage.waiting(1).await?;
    for _ in 0..12 {
        stage.run(stage.client(), "select * from read_by_all").await?;
    }
    stage.waiting(13).await
}
