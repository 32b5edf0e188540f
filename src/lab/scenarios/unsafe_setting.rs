//! A server that may lose or bury data.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "unsafe-setting",
    lessons: &["troubleshooting#resource-usage"],
    happens: "To load data faster somebody switched full_page_writes and autovacuum off, and \
              forgot both.",
    look_at: "The settings themselves. Nothing is slow and nothing fails, until the power \
              does.",
    healing: "Both are switched on again.",
    moves: &[
        Move::falls_to("pg_settings_full_page_writes", 0.0),
        Move::falls_to("pg_settings_autovacuum", 0.0),
    ],
    alerts: &["PostgresUnsafeSetting"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.set(&[("full_page_writes", "off"), ("autovacuum", "off")]).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.reset(&["full_page_writes", "autovacuum"]).await
}
