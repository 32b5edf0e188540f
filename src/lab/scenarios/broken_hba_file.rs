//! An access rule that the server does not understand.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "broken-hba-file",
    lessons: &["log-analysis#errors", "prometheus#configuration"],
    happens: "Somebody mistyped a line of pg_hba.conf. The server keeps the old rules, and \
              would not start with the new ones.",
    look_at: "Lines of pg_hba.conf that cannot be read.",
    healing: "The line is corrected.",
    moves: &[Move::reaches("pg_hba_file_errors", 1.0)],
    alerts: &["PostgresConfigFileError"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.append("pg_hba.conf", "host all all 10.0.0.0/8 trsut\n")
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.cut("pg_hba.conf", "host all all 10.0.0.0/8 trsut\n")
}
