//! A slot that has nearly used up what it may keep.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "slot-about-to-be-lost",
    lessons: &["troubleshooting#issue-4-replication-lag", "pg-stat-views#pg_stat_replication"],
    happens: "A slot may keep 128 MB of WAL (max_slot_wal_keep_size), and its consumer is \
              away while the primary writes.",
    look_at: "How much more WAL may be written until the slot is lost and its consumer has \
              to be built anew.",
    healing: "The consumer would read on; here the slot is dropped.",
    servers: Servers { settings: &[("max_slot_wal_keep_size", "128MB")], ..Servers::DEFAULT },
    moves: &[Move::falls_to("pg_replication_slot_safe_wal_size_bytes", 20000000.0)],
    alerts: &["PostgresSlotSafeWalLow"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let slot = "select pg_create_physical_replication_slot('behind', true)";
    stage.primary.execute(slot).await?;
    stage.write_wal(8).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("select pg_drop_replication_slot('behind')").await
}
