//! Numbers on the page against the same numbers asked for in plain SQL, on
//! servers with some work behind them that now stand still.
//!
//! A scene is a server in which every collector has something to say. What it
//! should say is in `tests/values/<scene>`, one file of naive SQL a collector. The
//! server is asked before and after a poll, and the page has to lie between the
//! two answers: exactly there for what stands still, and for what our own queries
//! move no further off than they moved it.

#[path = "values/primary.rs"]
mod primary;
#[path = "values/progress.rs"]
mod progress;
#[path = "values/replication.rs"]
mod replication;
#[path = "values/witness.rs"]
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use pglens::catalog::Kind;
use pglens::lab::Cluster;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::contract::polled;
use crate::support::{Page, Tested, catalog};
use witness::{Bounds, Exceptions, Truth, Witness, may_be_absent};

/// The folders of `tests/values`.
const SCENES: &[&str] = &["primary", "upstream", "standby", "subscriber", "progress"];

const SOON: Duration = Duration::from_secs(30);

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

/// What the witnesses say. Each session of theirs stands where the poll's will: it
/// counts itself wherever the poll counts itself, and is gone before the poll.
async fn truth(server: &Cluster, guard: &mut PgConnection, witnesses: &[Witness]) -> Truth {
    let mut databases: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database where datallowconn and not datistemplate",
    )
    .fetch_all(&mut *guard)
    .await
    .unwrap();
    databases.sort_by_key(|name| name == "postgres");
    let (mut truth, mut wrong) = (Truth::new(), Vec::new());
    for database in databases {
        let mut session = server.connect(&database).await.unwrap();
        let quietly = "set application_name = 'witness'; set extra_float_digits = 1; \
                       set search_path = pg_catalog, public; \
                       set jit = off; set max_parallel_workers_per_gather = 0";
        run(&mut session, quietly).await.unwrap();
        for witness in witnesses {
            if witness.is_asked_in_each_database() || database == "postgres" {
                wrong.extend(witness.ask(&mut session, &mut truth).await.err());
            }
        }
        session.close().await.unwrap();
        let gone = "select count(*) = 0 from pg_stat_activity where application_name = 'witness'";
        wait(guard, gone).await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    truth
}

/// Holds the page of a server against its witnesses. The guard is a session that
/// stays, idle whenever somebody looks.
async fn compare(scene: &str, server: &Cluster, guard: &mut PgConnection) {
    let (catalog, exceptions) = (catalog(), Exceptions::read());
    let major = server.major();
    let witnesses = Witness::of_major(scene, &catalog, u32::from(major));
    let began = Instant::now();
    run(guard, "set application_name = 'guard'").await.unwrap();
    // What the first poll and the first question read into memory is there for the next.
    polled(server).await;
    truth(server, guard, &witnesses).await;
    if major < 15 {
        // Statistics arrive in their own time.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    let before = truth(server, guard, &witnesses).await;
    let page = polled(server).await;
    let after = truth(server, guard, &witnesses).await;

    let mut wrong = differences(&page, &before, &after);
    wrong.extend(unwitnessed(&page, &witnesses, &before, &exceptions));
    wrong.extend(silent(scene, &witnesses, &before, &exceptions));
    let exact = before.values().filter(|bounds| is_exact(bounds)).count();
    let still = before
        .iter()
        .filter(|(series, bounds)| is_exact(bounds) && after.get(*series) == Some(bounds))
        .count();
    eprintln!(
        "{major} {scene}: {} series of {} collectors, {still} of {exact} stood still, in {:.1?}",
        before.len(),
        witnesses.len(),
        began.elapsed(),
    );
    assert!(wrong.is_empty(), "{major} {scene}:\n{}", wrong.join("\n"));
    // Else the comparison would say little. Positions move together, and have many names.
    assert!(still * 2 >= exact, "only {still} of {exact} stood still");
}

fn is_exact(bounds: &Bounds) -> bool {
    bounds.is_none_or(|(lowest, highest)| lowest == highest)
}

/// What the page says otherwise than SQL.
fn differences(page: &Page, before: &Truth, after: &Truth) -> Vec<String> {
    let samples: BTreeMap<_, _> = page.samples().collect();
    let mut wrong = Vec::new();
    for series in before.keys().chain(after.keys().filter(|series| !before.contains_key(*series))) {
        let (before, after) = (before.get(series), after.get(series));
        let optional = may_be_absent(before) || may_be_absent(after);
        let (Some(before), Some(after)) = (before, after) else {
            if !optional {
                wrong.push(format!("{series} did not stand still: it came or went"));
            }
            continue;
        };
        let seen = samples.get(series.as_str());
        let right = match (before, after, seen) {
            (Some((low, high)), Some((later_low, later_high)), Some(seen)) => {
                // Milliseconds become seconds, and text is no longer than it must be.
                let slack = high.abs() * 1e-12;
                low.min(*later_low) - slack <= *seen && *seen <= high.max(*later_high) + slack
            }
            (_, _, None) => optional || (before.is_none() && after.is_none()),
            _ => false,
        };
        if !right {
            wrong.push(format!("{series}: {seen:?} is not in {before:?}..{after:?}"));
        }
    }
    wrong
}

/// What is on the page of the witnesses' families, and SQL does not know.
fn unwitnessed(
    page: &Page,
    witnesses: &[Witness],
    truth: &Truth,
    exceptions: &Exceptions,
) -> Vec<String> {
    let metrics = witnesses.iter().flat_map(|witness| &witness.collector.metrics);
    let families: BTreeSet<_> = metrics
        .filter(|metric| !exceptions.has_no_witness(&metric.name))
        .flat_map(|metric| match metric.kind {
            Kind::Histogram => {
                ["bucket", "sum", "count"].map(|part| format!("{}_{part}", metric.name)).to_vec()
            }
            _ => vec![metric.name.clone()],
        })
        .collect();
    let is_theirs = |series: &str| {
        let family = series.split('{').next().unwrap();
        families.iter().any(|name| match name.strip_suffix('*') {
            Some(beginning) => family.starts_with(beginning),
            None => family == name,
        })
    };
    page.samples()
        .filter(|(series, _)| is_theirs(series) && !truth.contains_key(*series))
        .map(|(series, value)| format!("{series} {value} should not be there"))
        .collect()
}

/// Metrics of witnesses that have nothing to say but zero: a check of nothing.
fn silent(
    scene: &str,
    witnesses: &[Witness],
    truth: &Truth,
    exceptions: &Exceptions,
) -> Vec<String> {
    let speaks = |bounds: &Bounds| bounds.is_some_and(|(_, highest)| highest != 0.0);
    let lively: BTreeSet<_> = truth
        .iter()
        .filter(|(_, bounds)| speaks(bounds))
        .map(|(series, _)| series.split('{').next().unwrap())
        .map(|family| family.strip_suffix("_count").unwrap_or(family))
        .collect();
    let mut silent = Vec::new();
    for witness in witnesses {
        for metric in &witness.collector.metrics {
            let name = metric.name.strip_suffix("_count").unwrap_or(&metric.name);
            let said = witness.names(&metric.name) && !lively.contains(name);
            if said && !exceptions.may_be_quiet(scene, &metric.name) {
                silent.push(format!("{} is nowhere but zero in this scene", metric.name));
            }
        }
    }
    silent
}

#[test]
fn every_collector_has_a_witness_or_a_reason() {
    let (catalog, exceptions) = (catalog(), Exceptions::read());
    let mut witnesses = Vec::new();
    for scene in SCENES {
        witnesses.extend(Witness::all(scene, &catalog));
    }
    let mut wrong = Vec::new();
    for collector in catalog.collectors() {
        let name = &collector.name;
        let own: Vec<_> = witnesses.iter().filter(|w| w.collector.name == *name).collect();
        if own.is_empty() != exceptions.collectors.contains_key(name) {
            wrong.push(format!("{name} has {} witnesses; does exceptions.toml say so?", own.len()));
        }
        for metric in &collector.metrics {
            let said = metric.name.ends_with('*') || own.iter().any(|w| w.names(&metric.name));
            if !own.is_empty() && said == exceptions.has_no_witness(&metric.name) {
                wrong.push(format!("{}: does exceptions.toml say what the SQL does?", metric.name));
            }
        }
    }
    wrong.extend(exceptions.of_nothing(SCENES, &catalog));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_13() -> Tested {
    primary::scene(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_15() -> Tested {
    primary::scene(15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_16() -> Tested {
    primary::scene(16).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_17() -> Tested {
    primary::scene(17).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_with_18() -> Tested {
    primary::scene(18).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_replication_with_13() -> Tested {
    replication::scene(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_replication_with_15() -> Tested {
    replication::scene(15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_replication_with_17() -> Tested {
    replication::scene(17).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_replication_with_18() -> Tested {
    replication::scene(18).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_progress_with_13() -> Tested {
    progress::scene(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_progress_with_15() -> Tested {
    progress::scene(15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_progress_with_17() -> Tested {
    progress::scene(17).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_progress_with_18() -> Tested {
    progress::scene(18).await
}
