//! A replication slot that nobody reads keeps every dead row of the catalogs.

use crate::lab::{Move, Replica, Result, SOON, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "xmin-held-by-slot",
    lessons: &["pg-stat-views#find-tables-needing-vacuum", "key-metrics#dead-tuples"],
    happens: "A standby went away for good and left its slot behind. It had \
              hot_standby_feedback on, and its last xmin stays in the slot for ever.",
    look_at: "The age of the xmin horizon, and who holds it. Vacuum runs and removes \
              nothing: dead rows that are younger than the horizon stay.",
    healing: "The standby comes back. If it never will: pg_drop_replication_slot().",
    servers: Servers {
        replica: Some(Replica { settings: FEEDBACK, ..Replica::DEFAULT }),
        ..Servers::DEFAULT
    },
    moves: &[
        Move::reaches("pg_xmin_horizon_age_transactions", 2000.0)
            .with(&[("holder", "replication_slot")]),
        Move::reaches("pg_database_dead_tuples", 2000.0).with(&[("datname", "postgres")]),
    ],
    alerts: &["PostgresXminHorizonOld"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const FEEDBACK: &[(&str, &str)] =
    &[("hot_standby_feedback", "on"), ("wal_receiver_status_interval", "1s")];
const FED_BACK: &str = "select count(*) > 0 from pg_replication_slots where xmin is not null";
const INACTIVE: &str = "select count(*) = 0 from pg_replication_slots where active";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.replica_caught_up().await?;
    stage.primary.wait_for(FED_BACK, SOON).await?;
    // It is disconnected, not stopped: that it is down is another incident.
    stage.replica()?.execute("alter system set primary_conninfo = ''").await?;
    stage.replica()?.execute("select pg_reload_conf()").await?;
    stage.primary.wait_for(INACTIVE, SOON).await?;

    stage.write_traffic().await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.replica()?.execute("alter system reset primary_conninfo").await?;
    stage.replica()?.execute("select pg_reload_conf()").await?;
    stage.vacuum_traffic().await
}
