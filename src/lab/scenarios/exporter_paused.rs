//! Nobody resumed what somebody paused.

use crate::lab::{Exporter, Move, Part, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "exporter-paused",
    lessons: &["prometheus#metrics-endpoint"],
    happens: "Somebody paused pglens (POST /-/pause) to keep it away from the database for an \
              hour, and forgot it. It answers every scrape, and asks the server nothing.",
    look_at: "When each collector last succeeded grows old. What it found then is dropped after \
              three intervals, not shown as if it were news.",
    healing: "pglens is resumed.",
    exporter: Exporter { part: Part::Pauses, ..Exporter::DEFAULT },
    moves: &[Move::vanishes("pg_connections_used")],
    alerts: &["PostgresExporterCollectorStale"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // It is pglens that is paused: the servers have no part in this one.
    let _ = stage;
    Ok(())
}
