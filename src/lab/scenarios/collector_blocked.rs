//! Somebody locks what pglens reads.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "collector-blocked",
    lessons: &["prometheus#metrics-endpoint", "troubleshooting#issue-5-lock-contention"],
    happens: "Somebody locks a catalog exclusively. pglens gives up after 200 ms instead of \
              joining the queue, and has nothing new to tell.",
    look_at: "The collector fails, and when it last succeeded grows old.",
    healing: "The session ends, and its lock with it.",
    moves: &[Move::falls_to("pglens_collector_success", 0.0).with(&[("collector", "sequences")])],
    alerts: &["PostgresExporterCollectorFailing"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create sequence numbers").await?;
    let lock =
        "begin; lock table pg_catalog.pg_sequence in access exclusive mode; select pg_sleep(600)";
    stage.run(stage.client(), lock).await
}
