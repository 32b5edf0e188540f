//! What happens to a server must not hurt the page.

use std::time::{Duration, Instant};

use pglens::lab::{Cluster, Network, StopMode};
use sqlx::Connection;

use crate::support::{Page, Tested, Watching, config};

const LIVE_INTERVAL: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_secs(30);

/// No scrape may take longer, whatever the server does. The bound of the
/// promise is 50 ms; a test machine with two busy cores gets some more.
const SCRAPE: Duration = Duration::from_millis(250);

async fn server(major: u16) -> pglens::lab::Result<Cluster> {
    let primary = Cluster::builder().major(major).start().await?;
    primary.create_monitor().await?;
    Ok(primary)
}

async fn watched(major: u16) -> pglens::lab::Result<(Cluster, Watching)> {
    let primary = server(major).await?;
    let watching = Watching::ready(&primary).await;
    Ok((primary, watching))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_down_within_a_live_interval_and_comes_back_by_itself() -> Tested {
    let (mut primary, watching) = watched(17).await?;

    primary.crash()?;
    let killed = Instant::now();
    watching
        .until("pg_up 0", LIVE_INTERVAL + Duration::from_millis(1500), |page| {
            assert!(page.took < SCRAPE, "a scrape took {:?}", page.took);
            page.value("pg_up") == Some(0.0)
        })
        .await;
    eprintln!("pg_up 0 after {:?}", killed.elapsed());
    let page = watching.page().await;
    assert_eq!(page.value("pglens_target_failure{reason=\"refused\"}"), Some(1.0));

    primary.start().await?;
    let started = Instant::now();
    let page = watching.until("pg_up 1", SOON, |page| page.value("pg_up") == Some(1.0)).await;
    eprintln!("pg_up 1 {:?} after the start", started.elapsed());
    assert!(!page.has("pglens_target_failure{"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_loses_its_data_and_keeps_what_is_ours() -> Tested {
    let (mut primary, watching) = watched(15).await?;
    primary.stop(StopMode::Fast).await?;
    // Live data lives for three intervals; everything for a minute.
    watching
        .until("live data expires", Duration::from_secs(25), |page| {
            !page.has("pg_wal_position_bytes_total")
        })
        .await;
    let page = watching
        .until("all data expires", Duration::from_secs(90), |page| {
            !page.has("pg_settings_max_connections")
        })
        .await;
    for (series, _) in page.samples() {
        let ours = ["pg_up", "pg_exporter_", "pg_scrape_collector_", "pglens_", "process_"];
        assert!(ours.iter().any(|prefix| series.starts_with(prefix)), "{series} is frozen");
    }
    assert_eq!(page.value("pg_up"), Some(0.0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_under_the_running_daemon_changes_the_plan() -> Tested {
    let primary = Cluster::builder().major(18).start().await?;
    primary.create_monitor().await?;
    let replica = primary.replica("replica").await?;
    replica.catch_up(&primary, SOON).await?;
    let watching = Watching::ready(&replica).await;
    watching
        .until("a standby", SOON, |page| {
            page.value("pg_replication_is_replica") == Some(1.0)
                && page.has("pg_stat_wal_receiver_streaming")
        })
        .await;
    replica.promote().await?;
    watching
        .until("a primary", SOON, |page| {
            page.value("pg_replication_is_replica") == Some(0.0)
                && !page.has("pg_stat_wal_receiver_streaming")
                && page.value("pg_replication_lag_seconds") == Some(0.0)
        })
        .await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_behind_the_address_drops_what_was_known() -> Tested {
    let (primary, other) = (server(16).await?, server(17).await?);
    primary.execute("create database only_here").await?;
    let network = Network::start(primary.port()).await?;
    let watching = Watching::start(&config(&[("server", dsn(&network))])).await;
    watching.until("the database", SOON, |page| page.has("datname=\"only_here\"")).await;

    network.lead_to(other.port());
    watching.until("the other cluster", SOON, |page| page.has("version=\"17.")).await;
    let page = watching.page().await;
    assert!(!page.has("only_here") && !page.has("version=\"16."), "{}", page.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_swallows_everything_is_a_reason_within_seconds() -> Tested {
    let primary = server(18).await?;
    let network = Network::start(primary.port()).await?;
    let watching = Watching::start(&config(&[("server", dsn(&network))])).await;
    watching.until("pg_up 1", SOON, |page| page.value("pg_up") == Some(1.0)).await;

    network.swallow(true);
    watching
        .until("pg_up 0", LIVE_INTERVAL * 3, |page| {
            assert!(page.took < SCRAPE, "a scrape took {:?}", page.took);
            page.value("pglens_target_failure{reason=\"unreachable\"}") == Some(1.0)
        })
        .await;
    network.swallow(false);
    watching.until("pg_up 1", SOON, |page| page.value("pg_up") == Some(1.0)).await;
    let open: i64 =
        primary.value("select count(*) from pg_stat_activity where usename = 'pglens'").await?;
    assert!(open <= 3, "{open} connections");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_and_locked_catalogs_do_not_reach_the_page() -> Tested {
    let (primary, watching) = watched(18).await?;
    primary.execute("create table t (id int primary key); insert into t values (1)").await?;
    let mut holder = primary.connect("postgres").await?;
    sqlx::raw_sql("begin; lock table t in access exclusive mode").execute(&mut holder).await?;
    fresh_for(&watching, LIVE_INTERVAL * 4, "a table").await;
    sqlx::raw_sql("rollback").execute(&mut holder).await?;

    // The same with DDL that waits: it blocks whoever comes after it.
    let mut reader = primary.connect("postgres").await?;
    sqlx::raw_sql("begin; select * from t").execute(&mut reader).await?;
    let ddl = tokio::spawn(async move {
        sqlx::raw_sql("set lock_timeout = '20s'; alter table t add column x int")
            .execute(&mut holder)
            .await
    });
    fresh_for(&watching, LIVE_INTERVAL * 2, "a queue behind DDL").await;
    ddl.abort();
    let waited: i64 = primary
        .value("select count(*) from pg_stat_activity where usename = 'pglens' and wait_event_type = 'Lock'")
        .await?;
    assert_eq!(waited, 0, "we wait for a lock");
    Ok(())
}

/// Scrapes all the while; live data must be fresh at the end and no collector failing.
async fn fresh_for(watching: &Watching, time: Duration, what: &str) {
    let until = Instant::now() + time;
    let before = last_success(&watching.page().await, "wal_position");
    let mut slowest = Duration::ZERO;
    while Instant::now() < until {
        let page = watching.page().await;
        slowest = slowest.max(page.took);
        assert_eq!(page.value("pg_up"), Some(1.0));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(slowest < SCRAPE, "{what}: a scrape took {slowest:?}");
    eprintln!("{what}: slowest scrape {slowest:?}");
    let page = watching.page().await;
    assert!(last_success(&page, "wal_position") > before);
    assert!(!page.has("pglens_collector_failure{"), "{what}: {}", page.text);
}

fn last_success(page: &Page, collector: &str) -> Option<f64> {
    let series = "pglens_collector_last_success_timestamp_seconds";
    page.value(&format!("{series}{{collector=\"{collector}\"}}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_backend_is_abandoned_and_replaced_within_the_budget() -> Tested {
    let (primary, watching) = watched(17).await?;
    // The live lane's backend, known by what it last ran; the other may idle for long.
    let live_lane = "select max(pid) from pg_stat_activity where usename = 'pglens' and query ~ \
        'pg_wal_position_bytes_total|pg_connections_used|pg_checkpoint_age_seconds|pg_stat_io_reads'";
    let live: i32 = loop {
        if let Some(pid) = primary.value::<Option<i32>>(live_lane).await? {
            break pid;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    primary.signal(live, "STOP")?;
    let frozen = Instant::now();
    let before = last_success(&watching.page().await, "wal_position");

    let mut slowest = Duration::ZERO;
    let mut most = 0;
    while frozen.elapsed() < LIVE_INTERVAL * 5 {
        let page = watching.page().await;
        slowest = slowest.max(page.took);
        let count: i64 =
            primary.value("select count(*) from pg_stat_activity where usename = 'pglens'").await?;
        most = most.max(count);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    eprintln!("a frozen backend: slowest scrape {slowest:?}, most connections {most}");
    assert!(slowest < SCRAPE, "a scrape took {slowest:?}");
    assert!(most <= 3, "{most} connections");
    let page = watching.page().await;
    assert_eq!(page.value("pg_up"), Some(1.0));
    assert!(last_success(&page, "wal_position") > before, "live data is stale");

    primary.signal(live, "CONT")?;
    let gone = format!("select not exists (select from pg_stat_activity where pid = {live})");
    primary.wait_for(&gone, SOON).await?;
    watching
        .until("its place is given back", SOON, |page| {
            page.value("pglens_target_connections").is_some_and(|open| open <= 2.0)
        })
        .await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_server_the_pages_answer() -> Tested {
    let dsn = "postgresql://nobody@127.0.0.1:1/nothing".to_owned();
    let watching = Watching::start(&config(&[("server", dsn)])).await;
    for path in ["/", "/healthz", "/metrics"] {
        assert_eq!(watching.request(&format!("GET {path}")).await.0, "HTTP/1.1 200 OK", "{path}");
    }
    let page = watching.until("pg_up 0", SOON, |page| page.value("pg_up") == Some(0.0)).await;
    assert!(page.has("pglens_target_failure{reason=\"refused\"} 1"));
    assert_eq!(watching.request("GET /readyz").await.0, "HTTP/1.1 200 OK");
    assert_eq!(watching.request("GET /probe?target=elsewhere").await.0, "HTTP/1.1 404 Not Found");
    assert_eq!(watching.request("GET /probe?target=server").await.0, "HTTP/1.1 200 OK");
    watching.daemon.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn full_connection_slots_are_a_reason_and_no_storm() -> Tested {
    let primary = Cluster::builder().major(15).setting("max_connections", "8").start().await?;
    primary.create_monitor().await?;
    let mut holders = Vec::new();
    while let Ok(holder) = primary.connect("postgres").await {
        holders.push(holder);
        if holders.len() >= 8 {
            break;
        }
    }
    let watching =
        Watching::start(&config(&[("server", primary.dsn_as("pglens", "postgres"))])).await;
    watching
        .until("the reason", SOON, |page| {
            page.value("pglens_target_failure{reason=\"too_many_connections\"}") == Some(1.0)
        })
        .await;
    for holder in holders {
        holder.close().await?;
    }
    watching.until("pg_up 1", SOON, |page| page.value("pg_up") == Some(1.0)).await;
    Ok(())
}

/// Where the collector connects when a network is between it and the server.
fn dsn(network: &Network) -> String {
    format!("postgresql://pglens@127.0.0.1:{}/postgres?sslmode=disable", network.port())
}
