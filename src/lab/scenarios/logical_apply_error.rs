//! A subscription that fails at the same row for ever.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "logical-apply-error",
    lessons: &["pg-stat-views#pg_stat_replication", "troubleshooting#issue-4-replication-lag"],
    happens: "Somebody inserted a row on the subscriber. The publisher sends one with the \
              same key, applying it fails, the worker starts again and fails again.",
    look_at: "Errors of the subscription, one with each try. On the publisher its slot \
              retains more and more.",
    healing: "The row on the subscriber is deleted, and the next try succeeds.",
    servers: Servers { settings: &[("wal_level", "logical")], since: 15, ..Servers::DEFAULT },
    moves: &[Move::grows_by("pg_stat_subscription_stats_apply_error_total", 2.0)],
    alerts: &["PostgresSubscriptionErrors"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const SLOT: &str = "select pg_create_logical_replication_slot('copy', 'pgoutput')";

async fn break_it(stage: &mut Stage) -> Result<()> {
    let primary = &stage.primary;
    // Both ends are databases of one server, so the slot is made by hand: CREATE
    // SUBSCRIPTION would wait for its own transaction.
    for database in ["publisher", "subscriber"] {
        primary.execute(&format!("create database {database}")).await?;
        primary.execute_in(database, "create table item (id int primary key)").await?;
    }
    primary.execute_in("publisher", "create publication items for table item").await?;
    primary.execute_in("publisher", SLOT).await?;
    let subscribe = format!(
        "create subscription copy connection 'host=127.0.0.1 port={} user=postgres dbname=publisher' \
         publication items with (create_slot = false, slot_name = 'copy', copy_data = false)",
        primary.port()
    );
    primary.execute_in("subscriber", &subscribe).await?;
    primary.execute_in("subscriber", "insert into item values (1)").await?;
    primary.execute_in("publisher", "insert into item values (1)").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute_in("subscriber", "delete from item").await
}
