//! pglens may not read something any more.

use crate::lab::{Exporter, Move, Part, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "collector-denied",
    lessons: &["prometheus#metrics-endpoint"],
    happens: "Somebody revoked a privilege that pglens had at the start. One collector fails \
              from then on; all others go on.",
    look_at: "The collector, its failure and the reason. Its metrics expire, none is frozen.",
    healing: "The privilege is granted again. pglens would try after ten minutes; told to \
              reload, it tries at once.",
    exporter: Exporter { part: Part::Reloads, ..Exporter::DEFAULT },
    moves: &[
        Move::falls_to("pglens_collector_success", 0.0),
        Move::reaches("pglens_collector_failure", 1.0),
    ],
    alerts: &["PostgresExporterCollectorFailing"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("revoke execute on function pg_ls_waldir() from pg_monitor").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("grant execute on function pg_ls_waldir() to pg_monitor").await
}
