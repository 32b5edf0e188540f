//! Numbers on the page against the same numbers asked for in plain SQL, on a
//! server with some work behind it and nothing to do now.
//!
//! The server is asked before and after the poll, and the page has to lie
//! between the two answers: exactly there for what stands still, and for what
//! our own queries move no further off than they moved it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use pglens::lab::Cluster;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::contract::polled;
use crate::support::{Page, Tested, rich_primary};
use crate::views::{View, of_database, of_server};

const SOON: Duration = Duration::from_secs(30);

/// Values by series; `None` where SQL says NULL.
type Truth = BTreeMap<String, Option<f64>>;

async fn run(session: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(session).await.map(drop)
}

/// Waits on a session of ours: another one would be one more to count.
async fn wait(session: &mut PgConnection, sql: &str) -> Tested {
    let began = Instant::now();
    loop {
        let fulfilled: Option<bool> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *session).await?;
        if fulfilled == Some(true) {
            return Ok(());
        }
        assert!(began.elapsed() < SOON, "not fulfilled: {sql}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ask(session: &mut PgConnection, views: &[View]) -> Result<Truth, sqlx::Error> {
    let mut truth = Truth::new();
    for view in views {
        let rows: Vec<(String, Option<f64>)> =
            sqlx::query_as(AssertSqlSafe(view.sql())).fetch_all(&mut *session).await?;
        truth.extend(rows);
    }
    Ok(truth)
}

/// All that is compared, once the server has no sessions but this one.
async fn truth(
    server: &Cluster,
    own: &mut PgConnection,
) -> Result<Truth, Box<dyn std::error::Error>> {
    const ALONE: &str =
        "select count(*) = 1 from pg_stat_activity where backend_type = 'client backend'";
    let mut second = server.connect("second").await?;
    let mut truth = ask(&mut second, &of_database()).await?;
    second.close().await?;
    wait(own, ALONE).await?;
    truth.extend(ask(own, &of_database()).await?);
    truth.extend(ask(own, &of_server(server.major())).await?);
    Ok(truth)
}

/// Two transactions that wait for each other until the server ends one.
async fn deadlock(server: &Cluster, own: &mut PgConnection) -> Tested {
    let mut one = server.connect("postgres").await?;
    let mut other = server.connect("postgres").await?;
    run(&mut one, "begin; update orders set note = 'one' where id = 1").await?;
    run(&mut other, "begin; update orders set note = 'other' where id = 2").await?;
    let waiting = tokio::spawn(async move {
        let result = run(&mut one, "update orders set note = 'one' where id = 2").await;
        one.close().await?;
        result
    });
    wait(own, "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'").await?;
    let result = run(&mut other, "update orders set note = 'other' where id = 1").await;
    other.close().await?;
    assert!(result.is_err() != waiting.await?.is_err(), "one of them is the victim");
    Ok(())
}

/// Something of everything that is compared, seen by the statistics.
async fn work(server: &Cluster, own: &mut PgConnection) -> Tested {
    server.execute("create database second").await?;
    for database in ["postgres", "second"] {
        server
            .execute_in(
                database,
                "create table orders (id int primary key, note text); \
                 create table bare (n int); \
                 insert into orders select n, repeat('x', 50) from generate_series(1, 10000) n; \
                 insert into bare values (1), (2), (3); \
                 analyze; \
                 update orders set note = 'y' where id % 10 = 0; \
                 delete from orders where id % 7 = 0; \
                 select count(*) from bare",
            )
            .await?;
    }
    server.execute("set enable_seqscan = off; select * from orders where id = 5").await?;
    server.execute("begin; insert into bare values (4); rollback").await?;
    server.execute("begin; insert into bare values (5); prepare transaction 'left'").await?;
    server
        .execute(
            "set work_mem = '64kB'; \
             select count(*) from (select n from generate_series(1, 100000) n order by random()) s",
        )
        .await?;
    deadlock(server, own).await?;
    server.execute("checkpoint").await?;
    server.execute("select pg_switch_wal()").await?;
    // Before 15 statistics arrive in their own time.
    wait(
        own,
        "select deadlocks = 1 and temp_files > 0 and temp_bytes > 0 and xact_rollback > 0 \
            and (select archived_count > 0 from pg_stat_archiver) \
            and (select n_live_tup > 0 and n_dead_tup > 0 and n_tup_upd >= 1000 and idx_scan > 0 \
                 from pg_stat_user_tables where relname = 'orders') \
            and (select seq_scan > 0 and idx_scan is null \
                 from pg_stat_user_tables where relname = 'bare') \
         from pg_stat_database where datname = 'postgres'",
    )
    .await
}

fn compare(page: &Page, before: &Truth, after: &Truth) {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    let mut exact = 0;
    for (series, before) in before {
        let (before, after, seen) = (*before, after[series], page.value(series));
        exact += usize::from(before == after);
        let right = match (before, after, seen) {
            (Some(before), Some(after), Some(seen)) => {
                // Milliseconds become seconds, and text is no longer than it must be.
                let slack = before.abs() * 1e-12;
                before.min(after) - slack <= seen && seen <= before.max(after) + slack
            }
            (None, None, None) => true,
            _ => false,
        };
        if !right {
            wrong.push(format!("{series}: {seen:?} is not in {before:?}..{after:?}"));
        }
    }
    // Nor is there more on the page than SQL knows.
    let families: BTreeSet<_> =
        before.keys().filter_map(|series| series.split('{').next()).collect();
    for series in families.into_iter().flat_map(|name| page.family(name).into_keys()) {
        if !before.contains_key(&series) {
            wrong.push(format!("{series} should not be there"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Else the comparison would say little.
    assert!(exact * 10 >= before.len() * 8, "only {exact} of {} stood still", before.len());
}

/// Shared buffers used, unused and dirty, and the average usage count.
async fn buffers(own: &mut PgConnection) -> Result<Vec<f64>, sqlx::Error> {
    sqlx::query_scalar(
        "select array[count(relfilenode), count(*) - count(relfilenode), \
            count(*) filter (where isdirty), \
            avg(usagecount) filter (where relfilenode is not null)]::float8[] \
         from pg_buffercache",
    )
    .fetch_one(own)
    .await
}

/// Shared buffers are never quite still: a few, of 2048, may come and go unseen.
fn compare_buffers(page: &Page, before: &[f64], after: &[f64]) {
    let figures = ["buffers_used", "buffers_unused", "buffers_dirty", "usagecount_avg"];
    let tolerances = [10.0, 10.0, 50.0, 0.2];
    for (place, (name, tolerance)) in figures.into_iter().zip(tolerances).enumerate() {
        let seen = page.value(&format!("pg_buffercache_summary_{name}")).unwrap();
        let (before, after) = (before[place], after[place]);
        let near = before.min(after) - tolerance..=before.max(after) + tolerance;
        assert!(near.contains(&seen), "{name}: {seen} is not in {near:?}");
    }
}

async fn values(major: u16) -> Tested {
    let server = rich_primary(major).await?;
    server.configure(&[("autovacuum", "off")])?;
    server.execute("select pg_reload_conf()").await?;
    let mut own = server.connect("postgres").await?;
    work(&server, &mut own).await?;

    let before = (truth(&server, &mut own).await?, buffers(&mut own).await?);
    let page = polled(&server).await;
    let after = (truth(&server, &mut own).await?, buffers(&mut own).await?);
    compare(&page, &before.0, &after.0);
    compare_buffers(&page, &before.1, &after.1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_13() -> Tested {
    values(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_15() -> Tested {
    values(15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_16() -> Tested {
    values(16).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_17() -> Tested {
    values(17).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_18() -> Tested {
    values(18).await
}
