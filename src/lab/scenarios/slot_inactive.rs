//! A slot whose consumer never came back.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "slot-inactive",
    lessons: &["troubleshooting#issue-4-replication-lag", "key-metrics#replication-status"],
    happens: "A consumer made a replication slot and was forgotten. The slot keeps all WAL \
              that the consumer would need, until the disk is full.",
    look_at: "The slot is inactive, and what it retains grows with every segment. An \
              inactive slot that retains little is no harm.",
    healing: "pg_drop_replication_slot(), and a checkpoint removes the segments.",
    moves: &[
        Move::falls_to("pg_replication_slot_active", 0.0),
        Move::reaches("pg_replication_slot_retained_wal_bytes", 100000000.0),
    ],
    alerts: &["PostgresSlotInactive", "PostgresSlotRetentionHigh"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let slot = "select pg_create_physical_replication_slot('abandoned', true)";
    stage.primary.execute(slot).await?;
    stage.write_wal(12).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("select pg_drop_replication_slot('abandoned')").await?;
    stage.primary.execute("checkpoint").await
}
