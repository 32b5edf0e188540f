//! A file that the next restart will not survive.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "broken-configuration-file",
    lessons: &["log-analysis#errors", "prometheus#configuration"],
    happens: "Somebody mistyped a value in postgresql.conf. The running server goes on with \
              the old one; it would not start again.",
    look_at: "Lines of the configuration files that cannot be applied. It is an outage that \
              waits for its restart.",
    healing: "The line is corrected.",
    moves: &[Move::reaches("pg_configuration_file_errors", 1.0)],
    alerts: &["PostgresConfigFileError"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.append("postgresql.conf", "work_mem = 'plenty'\n")
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.cut("postgresql.conf", "work_mem = 'plenty'\n")
}
