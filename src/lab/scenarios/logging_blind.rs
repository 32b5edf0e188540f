//! A server that writes down too little.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "logging-blind",
    lessons: &["log-analysis#log-configuration"],
    happens: "To save space somebody switched off that the server logs checkpoints, lock waits \
              and slow statements. The next incident will leave no trace.",
    look_at: "The lesson's checklist: which settings are as it asks, and which are not.",
    healing: "They are switched on again.",
    moves: &[
        Move::falls_to("pg_log_baseline_met", 0.0).with(&[("setting", "log_lock_waits")]),
        Move::falls_to("pg_log_baseline_met", 0.0).with(&[("setting", "log_checkpoints")]),
    ],
    alerts: &["PostgresLoggingBlind"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let off = [
        ("log_checkpoints", "off"),
        ("log_lock_waits", "off"),
        ("log_min_duration_statement", "-1"),
    ];
    stage.set(&off).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.reset(&["log_checkpoints", "log_lock_waits", "log_min_duration_statement"]).await
}
