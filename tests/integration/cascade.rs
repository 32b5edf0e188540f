//! Servers that others follow: a cascade and its promotion, a query that
//! replay cancels, a slot that nobody reads, a commit that waits for nobody.

use std::time::{Duration, Instant};

use pglens::lab::Cluster;

use crate::replication::{LAG_BYTES, REPLICA, SOON, STREAMING, follows, of, primary, watching};
use crate::support::{Page, Tested, Watching};

/// A standby of a standby, and both when the one in the middle is promoted.
async fn a_cascade(major: u16) -> Tested {
    let primary = primary(major).await?;
    let settings = [("max_standby_streaming_delay", "500ms")];
    let standby = primary.replica_with("standby", &settings).await?;
    let cascade = standby.replica("cascade").await?;
    let watching = watching(&[&primary, &standby, &cascade]).await;
    watching
        .until("all in step", SOON, |page| {
            follows(page, &primary, &standby) && follows(page, &standby, &cascade)
        })
        .await;
    conflict(&watching, &primary, &standby).await?;

    primary.execute("insert into ticks values (3)").await?;
    reaches(&watching, &primary, &cascade).await?;
    standby.promote().await?;
    watching
        .until("a primary", SOON, |page| {
            let gone = [
                STREAMING,
                "pg_wal_replay_paused",
                "pg_wal_replay_position_bytes_total",
                "pg_standby_receive_lag_seconds",
                "pg_standby_replay_lag_seconds",
                "pg_standby_lag_lower_bound",
            ];
            of(page, &standby, REPLICA) == Some(0.0)
                && of(page, &standby, "pg_replication_lag") == Some(0.0)
                && of(page, &standby, LAG_BYTES) == Some(0.0)
                && of(page, &standby, "pg_stat_replication_sync_standbys") == Some(0.0)
                && of(page, &standby, "pg_wal_timeline_id") == Some(2.0)
                && gone.iter().all(|name| of(page, &standby, name).is_none())
        })
        .await;

    standby.execute("insert into ticks values (4)").await?;
    reaches(&watching, &standby, &cascade).await?;
    let page =
        watching.until("the cascade goes on", SOON, |page| follows(page, &standby, &cascade)).await;
    assert_eq!(of(&page, &cascade, REPLICA), Some(1.0));
    assert_eq!(of(&page, &cascade, "pg_wal_timeline_id"), Some(2.0));
    Ok(())
}

/// The page says that a standby has replayed all that is written elsewhere.
async fn reaches(watching: &Watching, writer: &Cluster, standby: &Cluster) -> Tested {
    let end: f64 = writer.value("select (pg_current_wal_lsn() - '0/0')::float8").await?;
    watching
        .until("what was written arrives", SOON, |page| {
            of(page, standby, "pg_wal_replay_position_bytes_total").is_some_and(|at| at >= end)
        })
        .await;
    Ok(())
}

/// A query on the standby that still needs rows which vacuum removed.
async fn conflict(watching: &Watching, primary: &Cluster, standby: &Cluster) -> Tested {
    let counted = |page: &Page, server: &Cluster| -> f64 {
        let target = format!("{{target=\"{}\",", server.name());
        let all = page.family("pg_stat_database_conflicts_confl_snapshot");
        all.iter().filter(|(series, _)| series.contains(&target)).map(|(_, count)| count).sum()
    };
    let mut reader = standby.connect("postgres").await?;
    let snapshot = "begin isolation level repeatable read; select count(*) from ticks";
    sqlx::raw_sql(snapshot).execute(&mut reader).await?;
    let began = Instant::now();
    let page = loop {
        // Again and again, as any other snapshot of that moment keeps the rows.
        primary.execute("update ticks set n = n + 1").await?;
        primary.execute("vacuum ticks").await?;
        let page = watching.page().await;
        if counted(&page, standby) > 0.0 {
            break page;
        }
        assert!(began.elapsed() < SOON, "no conflict is counted");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(counted(&page, standby), 1.0);
    assert_eq!(counted(&page, primary), 0.0);
    assert!(sqlx::raw_sql("select 1").execute(&mut reader).await.is_err(), "it was cancelled");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_with_13_goes_on_after_a_promotion() -> Tested {
    a_cascade(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_with_17_goes_on_after_a_promotion() -> Tested {
    a_cascade(17).await
}

/// A slot keeps WAL for a client that never comes.
async fn a_slot(watching: &Watching, primary: &Cluster) -> Tested {
    primary.execute("select pg_create_physical_replication_slot('left', true)").await?;
    let slot = |page: &Page, name: &str| {
        let labels = "{target=\"primary\",slot_name=\"left\",slot_type=\"physical\"}";
        page.value(&format!("pg_replication_slot_{name}{labels}"))
    };
    let page = watching.until("the slot", SOON, |page| slot(page, "active").is_some()).await;
    assert_eq!(slot(&page, "active"), Some(0.0));
    let before = slot(&page, "retained_wal_bytes").unwrap();

    primary.execute("select pg_logical_emit_message(false, '', repeat('x', 1000000))").await?;
    let page = watching
        .until("WAL is kept for it", SOON, |page| {
            slot(page, "retained_wal_bytes").unwrap() > before + 1e6
                && slot(page, "retained_wal_seconds").unwrap() > 2.0
        })
        .await;
    assert!(slot(&page, "retained_wal_bytes").unwrap() < before + 2e6);
    // Only 17 knows since when.
    let inactive = slot(&page, "inactive_seconds");
    assert_eq!(inactive.is_some(), primary.major() >= 17);
    assert!(inactive.is_none_or(|seconds| seconds > 2.0));

    primary.execute("select pg_drop_replication_slot('left')").await?;
    watching.until("the slot is gone", SOON, |page| !page.has("slot_name=\"left\"")).await;
    Ok(())
}

/// A commit waits for a synchronous standby that does not exist.
async fn a_commit(watching: &Watching, primary: &Cluster) -> Tested {
    let waiting = |page: &Page| of(page, primary, "pg_stat_activity_sync_waiting_sessions");
    watching.until("nobody waits", SOON, |page| waiting(page) == Some(0.0)).await;
    primary.configure(&[("synchronous_standby_names", "nobody")])?;
    primary.execute("select pg_reload_conf()").await?;
    // Writes until it is stopped, as the setting arrives everywhere in a while.
    let mut writer = primary.connect("postgres").await?;
    let writes = tokio::spawn(async move {
        while sqlx::raw_sql("insert into ticks values (5)").execute(&mut writer).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let page = watching.until("it waits", SOON, |page| waiting(page) == Some(1.0)).await;
    assert_eq!(of(&page, primary, "pg_stat_replication_sync_standbys"), Some(0.0));

    primary.configure(&[("synchronous_standby_names", "")])?;
    primary.execute("select pg_reload_conf()").await?;
    watching.until("nobody waits again", SOON, |page| waiting(page) == Some(0.0)).await;
    assert!(!writes.is_finished(), "the writes go on");
    writes.abort();
    Ok(())
}

async fn a_primary_alone(major: u16) -> Tested {
    let primary = primary(major).await?;
    let watching = watching(&[&primary]).await;
    a_slot(&watching, &primary).await?;
    a_commit(&watching, &primary).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_with_13_shows_who_is_missing() -> Tested {
    a_primary_alone(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_with_17_shows_who_is_missing() -> Tested {
    a_primary_alone(17).await
}
