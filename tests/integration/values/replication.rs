//! A primary with a standby whose replay is paused, a cascade below it and a
//! subscriber, each a scene of its own.

use pglens::lab::Cluster;
use sqlx::PgConnection;

use super::{SOON, compare, run, wait};
use crate::support::Tested;

/// repmgr names slots like this.
const STANDBY: &str = "repmgr_slot_7";

const TABLES: &str = "create table works (id int primary key, note text); \
                      create table fails (id int primary key, other int unique); \
                      create table copied (id int primary key)";

/// Tables that are published, and what each subscription will be about.
async fn published(upstream: &Cluster) -> Tested {
    upstream.execute(TABLES).await?;
    upstream
        .execute(
            "insert into works select n, 'x' from generate_series(1, 10) n; \
             create publication works for table works; \
             create publication fails for table fails; \
             create publication copies for table copied",
        )
        .await?;
    Ok(())
}

/// A subscription that works, and others that meet something and give up.
async fn subscriber(major: u16, upstream: &Cluster) -> Result<Cluster, Box<dyn std::error::Error>> {
    let subscriber = Cluster::builder()
        .major(major)
        .setting("autovacuum", "off")
        .setting("track_commit_timestamp", "on")
        .start()
        .await?;
    subscriber.create_monitor().await?;
    subscriber.execute(TABLES).await?;
    let mut session = subscriber.connect("postgres").await?;
    let from = format!("connection 'host=127.0.0.1 port={} user=postgres'", upstream.port());
    let options = match major {
        ..15 => "enabled = true",
        15..17 => "two_phase = true",
        17.. => "two_phase = true, failover = true",
    };
    let create = format!("create subscription works {from} publication works with ({options})");
    run(&mut session, &create).await?;
    wait(&mut session, "select bool_and(srsubstate = 'r') from pg_subscription_rel").await?;
    if major >= 15 {
        wait(&mut session, "select subtwophasestate = 'e' from pg_subscription").await?;
    }
    if major >= 15 {
        upstream.execute("insert into fails values (1, 1), (2, 2), (8, 8), (9, 9)").await?;
        run(&mut session, "insert into fails values (3, 3), (4, 4), (5, 5), (8, 8)").await?;
        // Each of them meets what it cannot apply, and is switched off.
        for (name, options, change) in [
            ("copies", "", "select 1"),
            ("inserts", ", copy_data = false", "insert into fails values (3, 30)"),
            ("updates", ", copy_data = false", "update fails set id = 4 where id = 8"),
            ("uniques", ", copy_data = false", "insert into fails values (4, 5)"),
        ] {
            let create = format!(
                "create subscription {name} {from} publication fails \
                 with (disable_on_error = true{options})"
            );
            run(&mut session, &create).await?;
            upstream.execute(change).await?;
            let disabled =
                format!("select not subenabled from pg_subscription where subname = '{name}'");
            wait(&mut session, &disabled).await?;
            upstream.execute("delete from fails where id in (3, 4)").await?;
        }
    }
    // Rows that are not here any more, or were changed here.
    run(&mut session, "delete from works where id in (1, 2)").await?;
    run(&mut session, "update works set note = 'ours' where id in (3, 4)").await?;
    for sql in [
        "update works set note = 'theirs' where id in (1, 3, 5)",
        "delete from works where id in (2, 4)",
        "insert into works values (11, 'last')",
    ] {
        upstream.execute(sql).await?;
    }
    wait(&mut session, "select count(*) = 1 from works where id = 11").await?;
    Ok(subscriber)
}

/// A subscription whose first copy waits for a lock, which is returned.
async fn copying(
    upstream: &Cluster,
    subscriber: &Cluster,
) -> Result<PgConnection, Box<dyn std::error::Error>> {
    let mut session = subscriber.connect("postgres").await?;
    let create = format!(
        "create subscription copying connection 'host=127.0.0.1 port={} user=postgres' \
         publication copies with (enabled = false)",
        upstream.port()
    );
    run(&mut session, &create).await?;
    run(&mut session, "begin; lock table copied in access exclusive mode").await?;
    subscriber.execute("alter subscription copying enable").await?;
    let waits = "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'";
    subscriber.wait_for(waits, SOON).await?;
    Ok(session)
}

/// Queries on the standby that are in the way of a lock, and of a vacuum.
async fn conflicts(upstream: &Cluster, standby: &Cluster) -> Tested {
    for (statements, counted) in [
        (["begin; lock table works in access exclusive mode; commit", "select 1"], "lock"),
        (["delete from works where id = 5", "vacuum works"], "snapshot"),
    ] {
        let mut reader = standby.connect("postgres").await?;
        run(&mut reader, "begin isolation level repeatable read; select * from works").await?;
        for sql in statements {
            upstream.execute(sql).await?;
        }
        let cancelled = format!(
            "select confl_{counted} > 0 from pg_stat_database_conflicts where datname = 'postgres'"
        );
        standby.wait_for(&cancelled, SOON).await?;
    }
    Ok(())
}

pub async fn scene(major: u16) -> Tested {
    let upstream = Cluster::builder()
        .major(major)
        .setting("autovacuum", "off")
        .setting("wal_level", "logical")
        .setting("max_slot_wal_keep_size", "1GB")
        .start()
        .await?;
    upstream.create_monitor().await?;
    published(&upstream).await?;
    let settings =
        [("max_standby_streaming_delay", "100ms"), ("wal_receiver_status_interval", "1s")];
    let standby = upstream.replica_with(STANDBY, &settings).await?;
    let cascade = standby.replica("cascade").await?;
    let subscriber = subscriber(major, &upstream).await?;
    let _lock = copying(&upstream, &subscriber).await?;
    conflicts(&upstream, &standby).await?;
    // From now on queries here keep rows there.
    standby.configure(&[("hot_standby_feedback", "on")])?;
    standby.execute("select pg_reload_conf()").await?;

    let on_upstream = &mut upstream.connect("postgres").await?;
    let on_standby = &mut standby.connect("postgres").await?;
    let on_subscriber = &mut subscriber.connect("postgres").await?;
    upstream.configure(&[("synchronous_standby_names", STANDBY)])?;
    upstream.execute("checkpoint").await?;
    upstream.execute("select pg_reload_conf()").await?;
    upstream.execute("select pg_create_physical_replication_slot('left', true)").await?;
    // Somebody on the standby needs old rows, and replay stands still behind.
    let mut reader = standby.connect("postgres").await?;
    run(&mut reader, "begin isolation level repeatable read; select count(*) from works").await?;
    standby.catch_up(&upstream, SOON).await?;
    run(on_standby, "checkpoint").await?;
    wait(
        on_upstream,
        "select xmin is not null from pg_replication_slots where slot_name = 'repmgr_slot_7'",
    )
    .await?;
    run(on_standby, "select pg_wal_replay_pause()").await?;
    let mut waiting = upstream.connect("postgres").await?;
    tokio::spawn(async move {
        let sql = "set synchronous_commit = remote_apply; insert into works values (12, 'waits')";
        run(&mut waiting, sql).await
    });
    wait(on_upstream, "select count(*) = 1 from pg_stat_activity where wait_event = 'SyncRep'")
        .await?;
    wait(on_subscriber, "select count(*) = 1 from works where id = 12").await?;

    compare("upstream", &upstream, on_upstream).await;
    compare("standby", &standby, on_standby).await;
    compare("subscriber", &subscriber, on_subscriber).await;
    drop(cascade);
    Ok(())
}
