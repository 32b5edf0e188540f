//! Commits that wait for nobody.

use crate::lab::{Move, Result, SOON, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "sync-standby-missing",
    lessons: &["key-metrics#replication-status", "pg-stat-views#pg_stat_replication"],
    happens: "The primary is told to wait for a synchronous standby that is not there. Every \
              commit hangs, though the server is up and reads work.",
    look_at: "No standby that commits could wait for, and sessions in SyncRep.",
    healing: "synchronous_standby_names is emptied, and the waiting commits return.",
    moves: &[Move::reaches("pg_stat_activity_sync_waiting_sessions", 3.0)],
    alerts: &["PostgresSyncStandbyMissing"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table payment (n int)").await?;
    stage.set(&[("synchronous_standby_names", "elsewhere")]).await?;
    for _ in 0..3 {
        stage.run(stage.client(), "insert into payment values (1)").await?;
    }
    let waiting = "select count(*) = 3 from pg_stat_activity where wait_event = 'SyncRep'";
    stage.primary.wait_for(waiting, SOON).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.reset(&["synchronous_standby_names"]).await
}
