//! Much more WAL than usual.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "wal-rate-spike",
    lessons: &["key-metrics#wal-generation-rate"],
    happens: "After quiet days somebody loads a table in bulk, and the WAL rate is a \
              multiple of what it was.",
    look_at: "Bytes of WAL a second. Lag, a full archive and a full disk are what follows, \
              if it lasts.",
    moves: &[Move::grows_by("pg_wal_position_bytes_total", 100000000.0)],
    alerts: &["PostgresWalRateSpike"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.repeat(stage.client(), Duration::from_millis(50), LOAD);
    Ok(())
}

/// Messages are WAL and nothing else: no table grows.
const LOAD: &str = "select pg_logical_emit_message(false, 'lab', repeat('x', 500000)) \
                     from generate_series(1, 4)";
