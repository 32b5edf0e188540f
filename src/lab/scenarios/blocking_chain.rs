//! Five sessions in a row, each waiting for the one before.

use futures_util::future::BoxFuture;

use super::{Broken, SOON, Scenario, Stage, nothing};
use crate::lab::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "blocking-chain",
    lesson: "troubleshooting#issue-5-lock-contention",
    happens: "A session updates a row and stays idle in its transaction. Two others want the same \
              row, an ALTER TABLE waits for them, a SELECT queues behind the ALTER, and one more \
              waits for an advisory lock that the SELECT's session holds.",
    look_at: "Five waiters, a tree five levels deep, and one root that does nothing: idle in \
              transaction. Ending that one session frees all of them.",
    moves: &[("pg_blocking_waiters", 5.0), ("pg_blocking_tree_depth", 5.0)],
    break_it,
    heal: nothing,
};

/// What each session does after the root, in this order.
const WAITERS: [&str; 5] = [
    "update chain set note = 'b' where id = 1",
    "update chain set note = 'c' where id = 1",
    "alter table chain add column more int",
    "begin; select pg_advisory_lock(5); select * from chain",
    "select pg_advisory_lock(5)",
];

fn break_it(stage: &Stage) -> BoxFuture<'_, Result<Broken>> {
    Box::pin(async {
        let mut broken = Broken::default();
        let primary = &stage.primary;
        primary.execute("create table chain (id int primary key, note text)").await?;
        primary.execute("insert into chain values (1, '')").await?;
        let mut root = primary.connect("postgres").await?;
        sqlx::raw_sql("begin; update chain set note = 'a' where id = 1").execute(&mut root).await?;
        broken.sessions.push(root);
        for (before, sql) in WAITERS.iter().enumerate() {
            let mut session = primary.connect("postgres").await?;
            broken.tasks.spawn(async move {
                if let Err(error) = sqlx::raw_sql(*sql).execute(&mut session).await {
                    tracing::debug!(%error, "a session of the chain ended");
                }
            });
            let waiting = format!(
                "select count(*) > {before} from pg_stat_activity where wait_event_type = 'Lock'"
            );
            primary.wait_for(&waiting, SOON).await?;
        }
        Ok(broken)
    })
}
