//! Somebody tries passwords.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "authentication-failures",
    lessons: &["log-analysis#connections", "log-analysis#errors"],
    happens: "Somebody tries one password after the other for a role. The server refuses each \
              and writes it to its log; no statistics view counts it.",
    look_at: "Connections refused for their authentication, and SQLSTATE 28P01: both only out of \
              the server's log.",
    healing: "Nobody tries any more.",
    moves: &[
        Move::grows_by("pg_log_connections_refused_total", 10.0)
            .with(&[("reason", "authentication")]),
        Move::grows_by("pg_log_sqlstate_total", 10.0).with(&[("sqlstate", "28P01")]),
    ],
    alerts: &["PostgresAuthenticationFailures"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const RULE: &str = "host all guarded 127.0.0.1/32 scram-sha-256\n";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create role guarded login password 'unguessable'").await?;
    stage.primary.prepend("pg_hba.conf", RULE)?;
    stage.reload().await?;
    let guess = stage.client().username("guarded").password("guess");
    stage.repeat(guess, Duration::from_millis(100), "select 1");
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.cut("pg_hba.conf", RULE)?;
    stage.reload().await
}
