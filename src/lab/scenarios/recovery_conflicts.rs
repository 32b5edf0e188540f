//! Queries on the standby that are cancelled.

use std::time::Duration;

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "recovery-conflicts",
    lessons: &["pg-stat-views#pg_stat_database", "troubleshooting#issue-4-replication-lag"],
    happens: "The primary deletes rows and vacuums them away, while a query on the standby \
              may still need them. The standby waits a moment and cancels the query.",
    look_at: "Conflicts on the standby, by kind: confl_snapshot is vacuum. \
              hot_standby_feedback would prevent them, at the price of dead rows on the \
              primary.",
    servers: Servers {
        replica: Some(Replica { settings: IMPATIENT, ..Replica::DEFAULT }),
        ..Servers::DEFAULT
    },
    moves: &[
        Move::grows_by("pg_stat_database_conflicts", 3.0).with(&[("target", "replica")]),
        Move::grows_by("pg_stat_database_conflicts_confl_snapshot", 3.0)
            .with(&[("target", "replica")]),
    ],
    alerts: &["PostgresRecoveryConflicts"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

const IMPATIENT: &[(&str, &str)] =
    &[("max_standby_streaming_delay", "100ms"), ("hot_standby_feedback", "off")];
const CHURN: &str = "begin; insert into churning select generate_series(1, 100); commit; \
                     delete from churning";
const REPORT: &str = "select count(*) from churning, pg_sleep(2)";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table churning (n int) with (autovacuum_enabled = off)").await?;
    stage.replica_caught_up().await?;
    let client = stage.replica()?.client();
    stage.repeat(stage.client(), Duration::from_millis(100), CHURN);
    stage.repeat(stage.client(), Duration::from_millis(250), "vacuum churning");
    stage.repeat(client, Duration::from_millis(10), REPORT);
    Ok(())
}
