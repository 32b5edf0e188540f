//! Many tables, many databases, many statements: the page stays small, its
//! totals stay right, and what it shows stays.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use pglens::daemon::watched;
use pglens::lab::Cluster;
use pglens::poll::{Override, Policy, once};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::support::{Page, Tested, Watching, catalog, config};

/// The labels of a series, by name.
fn labels(series: &str) -> BTreeMap<&str, &str> {
    let inner = series.split_once('{').map_or("", |(_, rest)| rest.trim_end_matches('}'));
    let pairs = inner.split("\",").filter_map(|label| label.split_once("=\""));
    pairs.map(|(name, value)| (name, value.trim_end_matches('"'))).collect()
}

/// All series of a family with their labels.
fn family<'a>(page: &'a Page, name: &str) -> Vec<(BTreeMap<&'a str, &'a str>, f64)> {
    let of = |series: &str| series.split('{').next() == Some(name);
    let all = page.samples().filter(|(series, _)| of(series));
    all.map(|(series, value)| (labels(series), value)).collect()
}

/// Runs SQL once for each number, a hundred at a time.
async fn each(server: &Cluster, numbers: u32, sql: impl Fn(u32) -> String) -> Tested {
    let mut connection = server.connect("postgres").await?;
    for from in (0..numbers).step_by(100) {
        let batch: Vec<_> = (from..numbers.min(from + 100)).map(&sql).collect();
        connection.execute(AssertSqlSafe(batch.join(";"))).await?;
    }
    connection.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_tables_are_a_small_page_with_right_totals() -> Tested {
    let server = Cluster::builder()
        .major(18)
        .setting("autovacuum", "off")
        .setting("track_functions", "all")
        .start()
        .await?;
    server.create_monitor().await?;
    each(&server, 10_000, |n| {
        let rows = if n % 20 == 0 { n / 20 + 1 } else { 0 };
        format!(
            "create table t{n} (i int primary key); \
             insert into t{n} select generate_series(1, {rows})"
        )
    })
    .await?;
    server.execute("analyze").await?;
    server
        .wait_for(
            "select sum(n_tup_ins) = 125250 and sum(n_live_tup) = 125250 from pg_stat_user_tables",
            Duration::from_secs(10),
        )
        .await?;

    let config = config(&[("server", server.dsn_as("pglens", "postgres"))]);
    let (store, servers) = watched(&config, catalog());
    once(&servers[0]).await?;
    let pages = store.pages(|_| true);
    let text = pages.iter().map(|page| page.text()).collect();
    let page = Page { text, took: Duration::ZERO };

    let series = page.samples().count();
    eprintln!("10,000 tables: {series} series, {} bytes", page.text.len());
    assert!(series < 3000, "{series} series");
    let dropped = "pglens_collector_dropped_total{collector=\"stat_user_tables\",because=\"cap\"}";
    assert_eq!(page.value(dropped), Some(0.0));
    let folded = "pglens_collector_folded_rows{collector=\"stat_user_tables\"}";
    assert_eq!(page.value(folded), Some(9970.0));

    for (metric, truth, from) in [
        ("pg_stat_user_tables_n_tup_ins", "n_tup_ins", "pg_stat_user_tables"),
        ("pg_stat_user_tables_n_live_tup", "n_live_tup", "pg_stat_user_tables"),
        ("pg_stat_user_tables_analyze_count", "analyze_count", "pg_stat_user_tables"),
        ("pg_statio_user_tables_heap_blocks_hit", "heap_blks_hit", "pg_statio_user_tables"),
        ("pg_statio_user_indexes_idx_blks_hit_total", "idx_blks_hit", "pg_statio_user_indexes"),
        (
            "pg_stat_user_tables_table_size_bytes",
            "relpages * 8192::float8",
            "pg_class where relname ~ '^t[0-9]+$'",
        ),
        (
            "pg_stat_user_indexes_size_bytes",
            "relpages * 8192::float8",
            "pg_class where relname ~ '^t[0-9]+_pkey$'",
        ),
    ] {
        let truth: f64 = server.value(&format!("select sum({truth})::float8 from {from}")).await?;
        let shown: f64 = family(&page, metric).iter().map(|(_, value)| value).sum();
        assert!(truth > 0.0 && shown == truth, "{metric}: {shown} shown of {truth}");
    }
    // Who wants more tables by name, or fewer, says so.
    let mut fewer = config;
    let keep = Override { keep: Some(7), ..Override::default() };
    let overrides = HashMap::from([("stat_user_tables".to_owned(), keep)]);
    fewer.policy = Policy { overrides, ..Policy::default() }.into();
    let (store, servers) = watched(&fewer, catalog());
    once(&servers[0]).await?;
    let text = store.pages(|_| true).iter().map(|page| page.text()).collect();
    let seven = Page { text, took: Duration::ZERO };
    assert_eq!(family(&seven, "pg_stat_user_tables_n_live_tup").len(), 8);
    // The largest is there by name, and the rest has neither schema nor ages.
    let live = family(&page, "pg_stat_user_tables_n_live_tup");
    assert!(live.iter().any(|(labels, value)| labels["relname"] == "t9980" && *value == 500.0));
    let other: Vec<_> = live.iter().filter(|(labels, _)| labels["relname"] == "_other").collect();
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].0.keys().copied().collect::<Vec<_>>(), ["datname", "relname"]);
    assert!(
        family(&page, "pg_stat_user_tables_last_analyze")
            .iter()
            .all(|(labels, _)| labels["relname"] != "_other")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_databases_are_shown_whole_over_three_connections() -> Tested {
    let server = Cluster::builder().major(16).start().await?;
    server.create_monitor().await?;
    server.execute("create database app0").await?;
    for table in 0..10 {
        let sql = format!("create table t{table} (i int primary key)");
        server.execute_in("app0", &sql).await?;
    }
    for database in 1..20 {
        server.execute(&format!("create database app{database} template app0")).await?;
    }

    let began = Instant::now();
    let watching =
        Watching::start(&config(&[("server", server.dsn_as("pglens", "postgres"))])).await;
    let mut monitor = server.connect("postgres").await?;
    let (mut most, mut asked) = (0, 0);
    loop {
        let now: i64 =
            sqlx::query_scalar("select count(*) from pg_stat_activity where usename = 'pglens'")
                .fetch_one(&mut monitor)
                .await?;
        (most, asked) = (most.max(now), asked + 1);
        if asked % 20 != 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        let page = watching.page().await;
        let of_tables = ["pg_stat_user_tables_seq_scan", "pg_statio_user_tables_heap_blocks_hit"];
        if of_tables.iter().all(|metric| family(&page, metric).len() == 200) {
            let last = family(&page, "pg_stat_user_indexes_idx_scan_total").len();
            eprintln!(
                "20 databases after {:?}: {most} connections at most, {} series, {last} indexes",
                began.elapsed(),
                page.samples().count()
            );
            assert!(!page.has("\"_other\""));
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{}", page.text);
    }
    assert!(most <= 3, "{most} connections at once");
    Ok(())
}

/// A statement that no other number makes: pluses and minuses are its bits.
fn statement(number: u32) -> String {
    let signs = (0..13).map(|bit| if number >> bit & 1 == 1 { "+1" } else { "-1" });
    format!("select 1{}", signs.collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_statements_that_come_and_go_do_not_make_series_flap() -> Tested {
    let server = Cluster::builder()
        .major(17)
        .setting("shared_preload_libraries", "pg_stat_statements")
        .setting("pg_stat_statements.max", "5000")
        .start()
        .await?;
    server.create_monitor().await?;
    server.create_extensions("postgres", &["pg_stat_statements"]).await?;
    each(&server, 4_900, statement).await?;

    let mut config = config(&[("server", server.dsn_as("pglens", "postgres"))]);
    let hurried = Override { interval: Some(Duration::from_secs(1)), ..Override::default() };
    let overrides = HashMap::from([("stat_statements".to_owned(), hurried)]);
    config.policy = Policy { overrides, ..Policy::default() }.into();
    let watching = Watching::start(&config).await;
    const CALLS: &str = "pg_stat_statements_calls_total";
    const OTHER: &str = "pg_stat_statements_calls_total{queryid=\"_other\"}";
    watching.until("statements", Duration::from_secs(20), |page| page.value(OTHER).is_some()).await;

    let start: String = server.value("select now()::text").await?;
    // Eight that are always busy, among thousands that come and drive others out.
    let mut worker = server.connect("postgres").await?;
    let mut before: Option<(BTreeSet<String>, f64)> = None;
    let mut hot: Option<BTreeSet<String>> = None;
    let (mut left, mut polls) = (Vec::new(), BTreeSet::new());
    let began = Instant::now();
    let mut number = 4_900;
    // A poll that takes long, as in a debug build, is not repeated every second.
    while polls.len() < 4 {
        assert!(began.elapsed() < Duration::from_secs(300), "only {} polls", polls.len());
        let busy = (0..8).flat_map(|hot| vec![statement(hot); 5]);
        let fresh = (number..number + 60).map(|number| statement(number % 8_192));
        worker.execute(AssertSqlSafe(busy.chain(fresh).collect::<Vec<_>>().join(";"))).await?;
        number += 60;
        tokio::time::sleep(Duration::from_millis(250)).await;

        let page = watching.page().await;
        let other = page.value(OTHER).unwrap();
        let shown: BTreeSet<String> = family(&page, CALLS)
            .iter()
            .filter(|(labels, _)| labels["queryid"] != "_other")
            .map(|(labels, _)| labels["queryid"].to_owned())
            .collect();
        assert!(shown.len() <= 75, "{} shown", shown.len());
        assert!(hot.as_ref().is_none_or(|hot| hot.is_subset(&shown)), "a busy one is missing");
        if let Some((was_shown, was_other)) = &before {
            assert!(other >= *was_other, "_other fell from {was_other} to {other}");
            left.extend(was_shown.difference(&shown).cloned());
        }
        before = Some((shown, other));
        let polled =
            "pglens_collector_last_success_timestamp_seconds{collector=\"stat_statements\"}";
        polls.insert(page.value(polled).unwrap().to_string());
        // By now eight have far more calls than any other.
        if hot.is_none() && polls.len() > 2 {
            let calls = family(&page, CALLS);
            let busy = calls.iter().filter(|(_, calls)| *calls > 20.0 && *calls < other);
            hot = Some(busy.map(|(labels, _)| labels["queryid"].to_owned()).collect());
        }
    }
    let temporary: i64 =
        server.value("select sum(temp_files)::bigint from pg_stat_database").await?;
    // What left without having been driven out in between has flapped.
    let ids = left.join(",");
    let flapped: i64 = server
        .value(&format!(
            "select count(*) from pg_stat_statements(false) \
             where queryid::text = any(string_to_array('{ids}', ',')) and stats_since < '{start}'"
        ))
        .await?;
    let evictions: i64 = server.value("select dealloc from pg_stat_statements_info").await?;
    let duration = watching
        .page()
        .await
        .value("pglens_collector_duration_seconds{collector=\"stat_statements\"}");
    eprintln!(
        "{} polls in {:?}, {} left, {flapped} of them still there, {evictions} evictions, \
         {temporary} temporary files, a poll takes {duration:?} s",
        polls.len(),
        began.elapsed(),
        left.len()
    );
    assert!(hot.is_some_and(|hot| hot.len() >= 8), "not all the busy ones were shown");
    assert!(evictions > 0, "nothing was driven out");
    assert_eq!(flapped, 0);
    assert_eq!(temporary, 0);
    Ok(())
}
