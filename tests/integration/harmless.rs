//! What we do must not hurt the server, nor those who trust us with it: it costs
//! nothing, keeps nothing from going, believes no user's objects and tells no secrets.

use std::time::{Duration, Instant};

use pglens::lab::Cluster;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::{Tested, Watching, config, hurried};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn scrapes_cost_the_server_nothing() -> Tested {
    let primary = Cluster::builder()
        .major(17)
        .setting("shared_preload_libraries", "pg_stat_statements")
        .start()
        .await?;
    primary.create_monitor().await?;
    primary.create_extensions("postgres", &["pg_stat_statements"]).await?;
    let watching = Watching::ready(&primary).await;
    tokio::time::sleep(Duration::from_secs(5)).await;

    let mut own = primary.connect("postgres").await?;
    let idle = statements_in(&mut own, async {
        tokio::time::sleep(Duration::from_secs(10)).await;
    })
    .await?;
    let mut slowest = Duration::ZERO;
    let busy = statements_in(&mut own, async {
        let began = Instant::now();
        for scrape in 0..2000_u32 {
            slowest = slowest.max(watching.page().await.took);
            let due = began + Duration::from_millis(5) * scrape;
            tokio::time::sleep_until(due.into()).await;
        }
        tokio::time::sleep_until((began + Duration::from_secs(10)).into()).await;
    })
    .await?;
    eprintln!("statements in 10 s: idle {idle}, with 2000 scrapes {busy}; slowest {slowest:?}");
    // Polls are jittered: a few may fall into one window or the other.
    assert!(busy <= idle + idle / 4 + 5, "idle {idle}, busy {busy}");
    Ok(())
}

/// Statements of our role that the server executed meanwhile.
async fn statements_in(
    connection: &mut PgConnection,
    work: impl Future<Output = ()>,
) -> Result<i64, sqlx::Error> {
    let count = "select coalesce(sum(calls), 0)::int8 from pg_stat_statements(false) s \
                 join pg_roles r on r.oid = s.userid where r.rolname = 'pglens'";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&mut *connection).await?;
    work.await;
    let after: i64 = sqlx::query_scalar(count).fetch_one(connection).await?;
    Ok(after - before)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vanishes_on_the_server_vanishes_on_the_page() -> Tested {
    let primary = Cluster::builder().major(16).start().await?;
    primary.create_monitor().await?;
    primary.execute("create database passing").await?;
    let mut config = config(&[("server", primary.dsn_as("pglens", "postgres"))]);
    config.policy = hurried();
    let watching = Watching::start(&config).await;
    watching.until("the database", SOON, |page| page.has("datname=\"passing\"")).await;

    // Nothing of ours keeps it: a session stays no longer than its polls.
    let mut dropped = primary.execute("drop database passing").await;
    for _ in 0..50 {
        if dropped.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        dropped = primary.execute("drop database passing").await;
    }
    dropped?;
    watching.until("it is gone", Duration::from_secs(70), |page| !page.has("\"passing\"")).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_rights_gets_no_zeros() -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    primary.execute("create role nobody_special login").await?;
    let config = config(&[("server", primary.dsn_as("nobody_special", "postgres"))]);
    let watching = Watching::start(&config).await;
    let page = watching
        .until("first polls", SOON, |page| {
            page.has(
                "pglens_collector_skipped{collector=\"stat_activity\",because=\"privilege\"} 1",
            )
        })
        .await;
    assert!(!page.has("pg_stat_activity_count"));
    assert!(!page.has("pg_blocking_waiters"));
    assert_eq!(page.value("pg_up"), Some(1.0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_appear_nowhere() -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    primary.execute("create role secretive login password 'right'").await?;
    let hba = primary.data().join("pg_hba.conf");
    let rules = std::fs::read_to_string(&hba)?;
    std::fs::write(&hba, format!("host all secretive 127.0.0.1/32 scram-sha-256\n{rules}"))?;
    primary.execute("select pg_reload_conf()").await?;
    let dsn = format!("postgresql://secretive:canary-4711@127.0.0.1:{}/postgres", primary.port());
    let watching = Watching::start(&config(&[("server", dsn)])).await;
    let page = watching.until("pg_up 0", SOON, |page| page.value("pg_up") == Some(0.0)).await;
    assert_eq!(page.value("pglens_target_failure{reason=\"authentication\"}"), Some(1.0));
    assert!(!page.has("canary"));
    let (status, body) = watching.request("GET /").await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(!body.contains("canary"));
    assert!(body.contains("authentication"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_users_cannot_stand_in_for_the_catalogs() -> Tested {
    let primary = Cluster::builder().major(16).start().await?;
    primary.create_monitor().await?;
    let watching = Watching::ready(&primary).await;
    primary
        .execute(AssertSqlSafe(
            "create table public.pg_stat_database (datname text); \
             create function public.pg_is_in_recovery() returns bool language sql as 'select true'; \
             alter role pglens set search_path = public, pg_catalog",
        ).0)
        .await?;
    drop(watching);
    let watching = Watching::ready(&primary).await;
    let page = watching
        .until("polled", SOON, |page| page.value("pg_replication_is_replica").is_some())
        .await;
    assert_eq!(page.value("pg_replication_is_replica"), Some(0.0));
    assert!(page.has("pg_stat_database_xact_commit{"));
    Ok(())
}
