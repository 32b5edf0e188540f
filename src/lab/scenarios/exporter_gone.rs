//! Nobody watches.

use crate::lab::{Exporter, Part, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "exporter-gone",
    lessons: &["prometheus#postgres_exporter", "prometheus#metrics-endpoint"],
    happens: "pglens itself ends. The servers are well, and nobody knows.",
    look_at: "The page cannot be reached: in Prometheus up is 0, and every other rule is \
              mute.",
    healing: "pglens is started again.",
    exporter: Exporter { part: Part::Ends, ..Exporter::DEFAULT },
    moves: &[],
    alerts: &["PostgresExporterDown", "PostgresMetricsAbsent"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    // The runner stops it: the servers have no part in this one.
    let _ = stage;
    Ok(())
}
