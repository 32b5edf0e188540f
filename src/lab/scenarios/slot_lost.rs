//! A slot that retained more than it may.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "slot-lost",
    lessons: &["pg-stat-views#pg_stat_replication", "troubleshooting#issue-4-replication-lag"],
    happens: "A slot may keep 32 MB of WAL. Its consumer is away, more is written, and the \
              next checkpoint removes what the consumer would need.",
    look_at: "The slot's WAL is lost: the disk was saved, the consumer was not.",
    healing: "The slot is dropped; its consumer has to be built anew.",
    servers: Servers {
        settings: &[
            ("max_slot_wal_keep_size", "32MB"),
            ("max_wal_size", "32MB"),
            ("min_wal_size", "32MB"),
        ],
        ..Servers::DEFAULT
    },
    moves: &[Move::reaches("pg_replication_slot_wal_status", 1.0).with(&[("wal_status", "lost")])],
    alerts: &["PostgresSlotLost"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let slot = "select pg_create_physical_replication_slot('behind', true)";
    stage.primary.execute(slot).await?;
    stage.write_wal(8).await?;
    stage.primary.execute("checkpoint").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("select pg_drop_replication_slot('behind')").await
}
