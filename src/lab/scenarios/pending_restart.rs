//! A setting that is changed and not in force.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "pending-restart",
    lessons: &["prometheus#configuration"],
    happens: "Somebody raised max_connections and reloaded. That one needs a restart, and \
              until then file and server differ.",
    look_at: "Settings that wait for a restart, by name.",
    healing: "The change is taken back.",
    moves: &[
        Move::reaches("pg_settings_pending_restart", 1.0),
        Move::appears("pg_configuration_pending_restart"),
    ],
    alerts: &["PostgresPendingRestart"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.set(&[("max_connections", "60")]).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.reset(&["max_connections"]).await
}
