//! Sessions that have to fsync for themselves.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "backend-fsync",
    lessons: &["pg-stat-views#pg_statio_user_tables", "troubleshooting#3-check-system-resources"],
    happens: "The checkpointer hangs in slow storage (the lab freezes its process). What it \
              should synchronise queues up until the queue is full, and then every session \
              that extends a file must fsync it itself.",
    look_at: "fsync calls of backends, which should not be any.",
    healing: "The storage answers (the process is thawed).",
    servers: Servers { settings: &[("shared_buffers", "1MB")], ..Servers::DEFAULT },
    moves: &[Move::grows_by("pg_buffers_backend_fsyncs_total", 20.0)],
    alerts: &["PostgresBackendFsync"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const CHECKPOINTER: &str = "select pid from pg_stat_activity where backend_type = 'checkpointer'";
/// New files only: dropping one would wait for the checkpointer to hear of it.
const FILES: &str = "do $$ begin
    for round in 1..40 loop
        execute format('create table f%s as select 1 as n', nextval('files'));
    end loop;
end $$";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create sequence files").await?;
    let pid = stage.primary.value(CHECKPOINTER).await?;
    stage.primary.signal(pid, "STOP")?;
    // The queue has as many places as there are shared buffers; each file takes one.
    stage.repeat(stage.client(), Duration::from_millis(500), FILES);
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    let pid = stage.primary.value(CHECKPOINTER).await?;
    stage.primary.signal(pid, "CONT")
}
