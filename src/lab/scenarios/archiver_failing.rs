//! An archive that refuses every file.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "archiver-failing",
    lessons: &["key-metrics#wal-archive-status"],
    happens: "The archive is full, or its credentials have expired: archive_command fails, \
              again and again, for the same segment.",
    look_at: "Failures and no success, and segments that pile up in pg_wal. There is no \
              point in time to recover to after this one.",
    healing: "archive_command works again, and the backlog is archived.",
    servers: Servers {
        settings: &[("archive_mode", "on"), ("archive_command", "true")],
        ..Servers::DEFAULT
    },
    moves: &[
        Move::reaches("pg_stat_archiver_failing", 1.0),
        Move::grows_by("pg_stat_archiver_failed_count", 2.0),
        Move::reaches("pg_archive_backlog_files", 1.0),
    ],
    alerts: &["PostgresArchiverFailing"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.write_wal(1).await?;
    stage.set(&[("archive_command", "false")]).await?;
    stage.write_wal(2).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.reset(&["archive_command"]).await?;
    stage.write_wal(1).await
}
