//! An archive_command that hangs.

use std::time::Duration;

use crate::lab::{Move, Result, SOON, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "archive-stale",
    lessons: &["key-metrics#wal-archive-status"],
    happens: "archive_command waits for a network file system that does not answer. It does \
              not fail, so nothing counts a failure.",
    look_at: "The last success grows old while WAL is written, and segments wait.",
    healing: "The file system answers, and the backlog is archived.",
    servers: Servers {
        settings: &[
            ("archive_mode", "on"),
            ("archive_command", "while test -e stuck; do sleep 0.1; done"),
        ],
        ..Servers::DEFAULT
    },
    moves: &[
        Move::reaches("pg_stat_archiver_last_archive_age", 6.0),
        Move::reaches("pg_archive_backlog_files", 1.0),
    ],
    alerts: &["PostgresArchiveStale"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.write_wal(1).await?;
    stage.primary.wait_for("select archived_count > 0 from pg_stat_archiver", SOON).await?;
    stage.primary.touch("stuck")?;
    stage.primary.execute("create table written (n int)").await?;
    stage.write_wal(2).await?;
    stage.repeat(stage.client(), Duration::from_millis(200), "insert into written values (1)");
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.remove("stuck")?;
    stage.write_wal(1).await
}
