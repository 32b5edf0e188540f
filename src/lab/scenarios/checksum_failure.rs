//! A page that changed on disk.

use sqlx::Connection;
use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "checksum-failure",
    lessons: &["pg-stat-views#pg_stat_database", "troubleshooting#3-check-system-resources"],
    happens: "A disk returns other bytes than were written (the lab changes some in the \
              middle of a table's file). With checksums on, the server notices when it reads \
              the page and refuses it.",
    look_at: "Checksum failures, of which one is too many: restore from a backup, look at \
              the storage.",
    healing: "The damaged database is dropped.",
    servers: Servers { initdb: &["--data-checksums"], ..Servers::DEFAULT },
    moves: &[Move::grows_by("pg_stat_database_checksum_failures_total", 1.0)],
    alerts: &["PostgresChecksumFailures"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    let primary = &stage.primary;
    primary.execute("create database whole").await?;
    primary.execute_in("whole", "create table page as select generate_series(1, 100) as n").await?;
    // Copied as files, the new database has no page in the cache.
    let files = if primary.major() >= 15 { "strategy file_copy" } else { "" };
    primary.execute(&format!("create database damaged template whole {files}")).await?;
    let mut session = primary.connect("damaged").await?;
    let path: String =
        sqlx::query_scalar("select pg_relation_filepath('page')").fetch_one(&mut session).await?;
    session.close().await?;
    primary.damage(&path, 4096)?;
    let client = stage.client().database("damaged");
    stage.repeat(client, Duration::from_millis(500), "select count(*) from page");
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("drop database damaged").await
}
