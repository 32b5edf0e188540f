//! A query on the standby keeps every dead row of the primary.

use std::time::Duration;

use crate::lab::{Move, Replica, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "xmin-held-by-standby",
    lessons: &["pg-stat-views#find-tables-needing-vacuum", "key-metrics#dead-tuples"],
    happens: "The standby sends feedback, so that its queries are not cancelled. A long one \
              there holds the xmin horizon here, on the primary.",
    look_at: "The age of the xmin horizon on the primary. The holder is a replication slot, \
              because the standby uses one; the query to end is on the standby.",
    healing: "The query on the standby is cancelled.",
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
    heal: |stage| Box::pin(stage.vacuum_traffic()),
    ..Scenario::DEFAULT
};

const FEEDBACK: &[(&str, &str)] =
    &[("hot_standby_feedback", "on"), ("wal_receiver_status_interval", "1s")];

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.replica_caught_up().await?;
    let client = stage.replica()?.client();
    let report = "begin isolation level repeatable read; select pg_sleep(0.5)";
    stage.repeat(client, Duration::from_millis(10), report);

    stage.write_traffic().await
}
