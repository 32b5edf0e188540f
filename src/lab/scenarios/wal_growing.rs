//! pg_wal grows beyond what checkpoints may leave.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "wal-growing",
    lessons: &["key-metrics#wal-generation-rate"],
    happens: "A forgotten replication slot keeps every segment. Checkpoints recycle nothing, and \
              pg_wal grows with everything that is written.",
    look_at: "The size of pg_wal beside max_wal_size, and the age of its oldest segment.",
    healing: "The slot is dropped, and a checkpoint removes the segments.",
    servers: Servers {
        settings: &[("max_wal_size", "32MB"), ("min_wal_size", "32MB")],
        ..Servers::DEFAULT
    },
    moves: &[Move::reaches("pg_wal_size_bytes", 90000000.0)],
    alerts: &["PostgresWalDirectoryLarge"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let slot = "select pg_create_physical_replication_slot('forgotten', true)";
    stage.primary.execute(slot).await?;
    stage.write_wal(6).await?;
    stage.primary.execute("checkpoint").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("select pg_drop_replication_slot('forgotten')").await?;
    stage.primary.execute("checkpoint").await
}
