//! One checkpoint after the other, because WAL fills up.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "checkpoint-storm",
    lessons: &["log-analysis#log-configuration", "key-metrics#wal-generation-rate"],
    happens: "max_wal_size is 32 MB, and the server writes much more than that. Every few \
              seconds a checkpoint is requested, and after each every page is written to WAL \
              whole.",
    look_at: "Checkpoints that were requested beside those that were due. A larger \
              max_wal_size is what is missing.",
    servers: Servers {
        settings: &[("max_wal_size", "32MB"), ("min_wal_size", "32MB")],
        ..Servers::DEFAULT
    },
    moves: &[Move::grows_by("pg_stat_checkpointer_num_requested_total", 4.0)],
    alerts: &["PostgresCheckpointsRequested"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.repeat(stage.client(), Duration::from_millis(200), LOAD);
    Ok(())
}

/// Messages are WAL and nothing else: no table grows.
const LOAD: &str = "select pg_logical_emit_message(false, 'lab', repeat('x', 500000)) \
                     from generate_series(1, 8)";
