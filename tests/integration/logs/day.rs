//! The day: what happens on a primary and its standby, and what must be counted.

use std::time::Duration;

use pglens::lab::{Cluster, Result, StopMode};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::time::sleep;

use super::{
    Counts, Reader, SOON, at_rest, counts, growth, only_the_log, readers, text_between, text_files,
};
use crate::support::Watching;

/// Statements that fail, by SQLSTATE; what is said holds everything that could
/// confuse a reader.
const ERRORS: [(&str, &str); 12] = [
    ("22", "select\n  1 / 0 -- 100% of %s\n"),
    ("42", "select * from nowhere"),
    ("42", "selec 1"),
    ("42", "select nobody from pg_class"),
    ("23", "insert into once values (1)"),
    ("22", "select 'zwölf'::int"),
    ("25", "begin read only; create table x (y int)"),
    ("57", "set statement_timeout = '20ms'; select pg_sleep(5)"),
    ("53", "do $$ begin raise 'no %, %', 'space', E'not\\none' using errcode = '53100'; end $$"),
    ("53", "do $$ begin raise 'no memory' using errcode = '53200'; end $$"),
    (
        "P0",
        "do $$ begin raise exception using message = E'a\\n2026-11-20 21:27:20.123 UTC [1] PANIC:  b\\n\
         PANIC:  c\\n\",PANIC,XX000,\"d\\n{\"timestamp\":\"x\",\"error_severity\":\"PANIC\",\"message\":\"e\"}', \
         detail = E'f\\nPANIC:  g', hint = 'ünïcödé \u{1f418}'; end $$",
    ),
    ("other", "do $$ begin raise 'of an extension' using errcode = 'ZZ123'; end $$"),
];

/// A prefix for each version, all with `%e`.
fn prefix(major: u16) -> &'static str {
    match major {
        13 => "%m [%p] %e ",
        15 => "%t:%r:%u@%d:[%p]:%e:",
        17 => "%n %-8p|%c|%l|%s|%v|%x|%e|%q%a/%i@%h: ",
        _ => "[%b] %m %Q %e %q%u@%d ",
    }
}

async fn servers(major: u16) -> Result<(Cluster, Cluster)> {
    let destination = if major >= 15 { "stderr,csvlog,jsonlog" } else { "stderr,csvlog" };
    let primary = Cluster::builder()
        .logged()
        .major(major)
        .setting("log_destination", destination)
        .setting("log_line_prefix", prefix(major))
        .setting("log_filename", "pg-%Y-%m-%d_%H%M%S.log")
        .setting("log_rotation_size", "64kB")
        .setting("log_min_duration_statement", "10min")
        .setting("deadlock_timeout", "200ms")
        .setting("checkpoint_timeout", "1h")
        .setting("autovacuum_naptime", "1s")
        .setting("max_connections", "30")
        .setting("max_standby_streaming_delay", "100ms")
        .start()
        .await?;
    primary.create_monitor().await?;
    primary
        .execute(
            "grant execute on function pg_read_binary_file(text, bigint, bigint, boolean) to pglens; \
             create table once (id int primary key); insert into once values (1), (2); \
             create table gone (id int); insert into gone values (1); \
             create table dead (id int) with (autovacuum_vacuum_threshold = 10, \
               autovacuum_vacuum_scale_factor = 0); \
             create role full_up login connection limit 0; create role locked login password 'x'",
        )
        .await?;
    primary.execute("create database raw encoding 'SQL_ASCII' template template0").await?;
    let rules = primary.data().join("pg_hba.conf");
    let trust = std::fs::read_to_string(&rules).unwrap();
    std::fs::write(&rules, format!("host all locked 127.0.0.1/32 scram-sha-256\n{trust}")).unwrap();
    primary.execute("select pg_reload_conf()").await?;
    let replica = primary.replica("replica").await?;
    replica.catch_up(&primary, SOON).await?;
    Ok((primary, replica))
}

/// A statement that may fail, as one message of the simple protocol.
async fn say(session: &mut PgConnection, sql: &str) {
    let _ = sqlx::raw_sql(AssertSqlSafe(sql)).execute(session).await;
}

async fn refused(options: PgConnectOptions) {
    options.connect().await.expect_err("nobody is let in here");
}

async fn morning(primary: &Cluster) -> Result<()> {
    for (_, sql) in ERRORS {
        // Each in a session of its own: some leave one in disorder.
        let mut session = primary.connect("postgres").await?;
        say(&mut session, sql).await;
        session.close().await?;
    }
    let mut raw = primary.connect("raw").await?;
    say(&mut raw, "do $$ begin raise '%', convert_from('\\xff22c3'::bytea, 'SQL_ASCII'); end $$")
        .await;
    // SET is logged by itself, and the third is of the extended protocol.
    say(&mut raw, "set log_min_duration_statement = 0").await;
    say(&mut raw, "select\n  pg_sleep(0.6)").await;
    sqlx::query("select pg_sleep(0.02)").execute(&mut raw).await?;
    say(&mut raw, "set log_min_duration_statement = -1").await;
    say(&mut raw, "set work_mem = '64kB'; select count(*) from (select generate_series(1, 50000) as n order by n desc) as s").await;
    raw.close().await?;

    refused(primary.client().username("locked").password("wrong")).await;
    refused(primary.client().username("locked").password("wrong")).await;
    refused(primary.client().username("nobody")).await;
    refused(primary.client().username("full_up")).await;
    refused(primary.client().database("nowhere")).await;
    let mut all = Vec::new();
    while let Ok(session) = primary.connect("postgres").await {
        all.push(session);
    }
    for session in all {
        session.close().await?;
    }
    Ok(())
}

async fn locks(primary: &Cluster) -> Result<()> {
    let mut first = primary.connect("postgres").await?;
    let mut second = primary.connect("postgres").await?;
    say(&mut first, "begin; update once set id = 1 where id = 1").await;
    let wait = async {
        say(&mut second, "update once set id = 1 where id = 1").await;
    };
    let hold = async {
        sleep(Duration::from_millis(900)).await;
        say(&mut first, "commit").await;
    };
    tokio::join!(wait, hold);
    // Only the second looks for deadlocks, so the first's wait is not told.
    say(&mut first, "set deadlock_timeout = '1min'; begin; update once set id = 1 where id = 1")
        .await;
    say(&mut second, "begin; update once set id = 2 where id = 2").await;
    let wait = async { say(&mut first, "update once set id = 2 where id = 2").await };
    let close = async {
        sleep(Duration::from_millis(300)).await;
        say(&mut second, "update once set id = 1 where id = 1").await;
        say(&mut second, "rollback").await;
    };
    tokio::join!(wait, close);
    say(&mut second, "select * from once for update nowait").await;
    first.close().await?;
    second.close().await?;
    Ok(())
}

async fn afternoon(primary: &Cluster, replica: &Cluster) -> Result<()> {
    primary.execute("checkpoint").await?;
    primary.execute("select pg_rotate_logfile()").await?;
    // Past what rotates by size, three times over. Files are named by the second: two
    // of one second would be one.
    for _ in 0..6 {
        primary.execute("do $$ begin raise log '%', repeat(E'100%%\\n\\\"', 5000); end $$").await?;
        sleep(Duration::from_millis(600)).await;
    }
    primary.execute("insert into dead select generate_series(1, 5000); delete from dead").await?;
    let vacuumed = "select autovacuum_count > 0 and n_dead_tup = 0 from pg_stat_user_tables \
                    where relname = 'dead'";
    primary.wait_for(vacuumed, SOON).await?;
    replica.catch_up(primary, SOON).await?;
    let mut reading = replica.connect("postgres").await?;
    let read = async { say(&mut reading, "select pg_sleep(20) from gone").await };
    let drop = async {
        sleep(Duration::from_millis(500)).await;
        primary.execute("drop table gone").await
    };
    let (_, dropped) = tokio::join!(read, drop);
    dropped?;
    reading.close().await?;
    primary.execute("select pg_rotate_logfile()").await?;
    primary.execute("checkpoint").await
}

/// A backend is killed, and then the postmaster. Nobody else is connected.
async fn night(primary: &mut Cluster) -> Result<()> {
    let mut victim = primary.connect("postgres").await?;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut victim).await?;
    let mut witness = primary.connect("postgres").await?;
    let started = starts(primary);
    primary.signal(pid, "KILL")?;
    // Thrown out when the postmaster has noticed.
    say(&mut witness, "select pg_sleep(60)").await;
    let begun = std::time::Instant::now();
    while starts(primary) == started {
        assert!(begun.elapsed() < SOON);
        sleep(Duration::from_millis(100)).await;
    }
    primary.crash()?;
    primary.start().await?;
    primary.restart(StopMode::Fast).await
}

/// How often it was ready, as it says itself. Who knocks instead may be killed with the
/// message of it in one format and not yet in the next.
fn starts(server: &Cluster) -> usize {
    let texts = text_files(&server.logs()).into_values();
    let ready = |text: Vec<u8>| {
        String::from_utf8_lossy(&text).matches("ready to accept connections").count()
    };
    texts.map(ready).sum()
}

/// Lines of the text log that begin a message of this severity.
fn spoken(text: &str, severity: &str) -> usize {
    const WORDS: [&str; 15] = [
        "DEBUG",
        "INFO",
        "NOTICE",
        "WARNING",
        "ERROR",
        "LOG",
        "FATAL",
        "PANIC",
        "DETAIL",
        "HINT",
        "CONTEXT",
        "STATEMENT",
        "QUERY",
        "LOCATION",
        "BACKTRACE",
    ];
    let first = |line: &&str| {
        let at = |word: &&str| line.find(&format!("{word}:  "));
        WORDS.iter().filter_map(|word| Some((at(word)?, *word))).min().map(|(_, word)| word)
    };
    text.lines()
        .filter(|line| !line.starts_with('\t'))
        .filter(|line| first(line) == Some(severity))
        .count()
}

/// All readers of the primary, and two of the standby.
fn watchers<'a>(primary: &'a Cluster, replica: &'a Cluster) -> Vec<Reader<'a>> {
    readers(primary).into_iter().chain(readers(replica).into_iter().take(2)).collect()
}

async fn day(major: u16) -> Result<()> {
    let (mut primary, replica) = servers(major).await?;
    let watching = Watching::start(&only_the_log(&watchers(&primary, &replica))).await;
    let (before, sizes) = at_rest(&watching, &watchers(&primary, &replica), &primary).await;
    morning(&primary).await?;
    locks(&primary).await?;
    afternoon(&primary, &replica).await?;
    // Nobody knocks while the server is down, for their number to be known.
    watching.request("POST /-/pause").await;
    night(&mut primary).await?;
    watching.request("POST /-/resume").await;
    let (after, ends) = at_rest(&watching, &watchers(&primary, &replica), &primary).await;
    let text = text_between(&primary.logs(), &sizes, &ends);
    watching.daemon.stop().await;

    let mut first: Option<Counts> = None;
    for Reader { name, server, .. } in watchers(&primary, &replica) {
        let counts = growth(&counts(&before, &name), &counts(&after, &name));
        assert_eq!(counts["pglens_log_unparsed_lines_total"], 0.0, "{major}, {name}");
        assert_eq!(counts["pglens_log_skipped_bytes_total"], 0.0, "{major}, {name}");
        if server.name() == "replica" {
            assert_eq!(counts["pg_log_recovery_conflicts_total"], 1.0, "{major}, {name}");
            assert_eq!(
                counts["pg_log_replication_started_total{kind=\"physical\"}"],
                counts["pg_log_replication_ended_total{kind=\"physical\"}"],
                "{major}, {name}"
            );
            continue;
        }
        as_written(&name, &counts, &text);
        as_scripted(major, &name, &counts);
        let first = first.get_or_insert_with(|| counts.clone());
        for (series, count) in first.iter().filter(|(series, _)| series.starts_with("pg_log_")) {
            let other = counts[series];
            assert!((other - count).abs() < 1e-6, "{major}, {name}: {series}: {count}, {other}");
        }
    }
    Ok(())
}

/// What the script made, to the number.
fn as_scripted(major: u16, name: &str, counts: &Counts) {
    let classes = |class: &str| ERRORS.iter().filter(|(known, _)| *known == class).count() as f64;
    let by = |metric: &str, label: &str| format!("{metric}{{{label}}}");
    let class = |class: &str| by("pg_log_errors_total", &format!("sqlstate_class=\"{class}\""));
    let sqlstate = |code: &str| by("pg_log_sqlstate_total", &format!("sqlstate=\"{code}\""));
    let refused = |why: &str| by("pg_log_connections_refused_total", &format!("reason=\"{why}\""));
    let checkpoint = |why: &str| by("pg_log_checkpoints_total", &format!("reason=\"{why}\""));
    let slow =
        |bound: &str| by("pg_log_statement_duration_seconds_bucket", &format!("le=\"{bound}\""));
    for (series, count) in [
        // One more, because broken bytes cannot be told to a client in UTF-8.
        (class("22"), classes("22") + 1.0),
        (class("42"), classes("42")),
        (class("23"), classes("23")),
        (class("25"), classes("25")),
        // Beside the scripted ones: broken bytes, too many clients, deadlock, nowait.
        (class("P0"), classes("P0") + 1.0),
        (class("40"), 1.0),
        (class("55"), 1.0),
        (class("53"), classes("53") + 2.0),
        (class("28"), 3.0),
        (class("3D"), 1.0),
        (class("XX"), 0.0),
        (class("other"), classes("other")),
        (sqlstate("28P01"), 2.0),
        (sqlstate("40P01"), 1.0),
        (sqlstate("53300"), 2.0),
        (sqlstate("57014"), 1.0),
        (sqlstate("55P03"), 1.0),
        (sqlstate("53200"), 1.0),
        (sqlstate("53100"), 1.0),
        (refused("authentication"), 3.0),
        (refused("too_many_connections"), 2.0),
        (refused("no_database"), 1.0),
        (refused("permission"), 0.0),
        ("pg_log_statement_duration_seconds_count".into(), 3.0),
        (slow("1"), 3.0),
        (slow("0.5"), 2.0),
        ("pg_log_lock_waits_total".into(), 1.0),
        ("pg_log_deadlocks_total".into(), 1.0),
        (checkpoint("requested"), 2.0),
        (checkpoint("time"), 0.0),
        (checkpoint("shutdown"), 1.0),
        (checkpoint("end_of_recovery"), 2.0),
        ("pg_log_checkpoint_duration_seconds_count".into(), 5.0),
        ("pg_log_recovery_conflicts_total".into(), 0.0),
        ("pg_log_process_crashes_total".into(), 1.0),
        ("pg_log_crash_recoveries_total".into(), 2.0),
        ("pg_log_autovacuum_tuples_removed_total".into(), f64::NAN),
        (by("pg_log_messages_total", "severity=\"PANIC\""), 0.0),
    ] {
        let is = counts.get(&series).copied();
        let holds = if count.is_nan() { is >= Some(5000.0) } else { is == Some(count) };
        assert!(holds, "{major}, {name}: {series} is {is:?} and not {count}");
    }
    let waited = counts["pg_log_lock_wait_seconds_total"];
    assert!((0.2..30.0).contains(&waited), "{waited}");
    assert!(counts["pglens_log_rotations_total"] >= 4.0, "{counts:?}");
}

/// What a search of the text finds, for what no script can foresee.
fn as_written(name: &str, counts: &Counts, text: &str) {
    for severity in ["WARNING", "ERROR", "LOG", "FATAL"] {
        let series = format!("pg_log_messages_total{{severity=\"{severity}\"}}");
        assert_eq!(counts[&series], spoken(text, severity) as f64, "{name}: {series}");
    }
    for (series, words) in [
        ("pg_log_connections_received_total", "LOG:  connection received: "),
        ("pg_log_connections_authorized_total", "connection authorized: "),
        ("pg_log_disconnections_total", "LOG:  disconnection: "),
        (
            "pg_log_checkpoints_total{reason=\"end_of_recovery\"}",
            "LOG:  checkpoint starting: end-of-recovery ",
        ),
        ("pg_log_temp_files_total", "LOG:  temporary file: "),
        (
            "pg_log_autovacuum_duration_seconds_count{operation=\"vacuum\"}",
            "LOG:  automatic vacuum of table ",
        ),
        (
            "pg_log_autovacuum_duration_seconds_count{operation=\"analyze\"}",
            "LOG:  automatic analyze of table ",
        ),
    ] {
        let found =
            text.lines().filter(|line| !line.starts_with('\t') && line.contains(words)).count();
        assert_eq!(counts[series], found as f64, "{name}: {series}");
        assert!(found > 0, "the day had none: {series}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_13() {
    day(13).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_15() {
    day(15).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_17() {
    day(17).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_18() {
    day(18).await.unwrap();
}
