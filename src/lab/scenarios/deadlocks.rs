//! Two sessions that take the same rows in opposite order.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "deadlocks",
    lessons: &["key-metrics#deadlocks", "log-analysis#deadlocks"],
    happens: "Two transactions update rows 1 and 2, one from the front, one from the back. \
              Each waits for the other, until the server throws one of them out.",
    look_at: "The counter of deadlocks. Each is an error that some user saw.",
    servers: Servers { settings: &[("deadlock_timeout", "100ms")], ..Servers::DEFAULT },
    moves: &[Move::grows_by("pg_stat_database_deadlocks", 2.0)],
    alerts: &["PostgresDeadlocks"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

const UP: &str = "update account set money = 1 where id = 1; select pg_sleep(0.05); \
                   update account set money = 1 where id = 2";
const DOWN: &str = "update account set money = 1 where id = 2; select pg_sleep(0.05); \
                     update account set money = 1 where id = 1";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table account (id int primary key, money int)").await?;
    stage.primary.execute("insert into account values (1, 100), (2, 100)").await?;
    stage.repeat(stage.client(), Duration::from_millis(20), UP);
    stage.repeat(stage.client(), Duration::from_millis(20), DOWN);
    Ok(())
}
