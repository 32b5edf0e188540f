//! The primary that has something of everything, and does nothing any more.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use pglens::lab::{Cluster, StopMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, PgConnection};

use super::{compare, run, wait};
use crate::support::Tested;

/// What is in each of the two databases.
const OBJECTS: &str = include_str!("../../material/values_objects.sql");

/// What the server has once.
const SERVER: &str = include_str!("../../material/values_server.sql");

/// Work in each of them, after all was frozen.
const WORK: &str = include_str!("../../material/values_work.sql");

const BOTH: [&str; 2] = ["second", "postgres"];

const SETTINGS: [(&str, &str); 26] = [
    // Quick to fill and to switch.
    ("wal_buffers", "64kB"),
    ("max_wal_size", "64MB"),
    ("min_wal_size", "4MB"),
    ("max_slot_wal_keep_size", "16MB"),
    ("wal_level", "logical"),
    ("logical_decoding_work_mem", "64kB"),
    ("fsync", "on"),
    ("archive_mode", "on"),
    ("archive_command", "true"),
    ("shared_preload_libraries", "pg_stat_statements"),
    // Each session that wants to be seen says so.
    ("pg_stat_statements.track", "none"),
    ("pg_stat_statements.track_planning", "on"),
    ("max_prepared_transactions", "5"),
    ("track_io_timing", "on"),
    ("track_functions", "all"),
    ("track_commit_timestamp", "on"),
    ("autovacuum_naptime", "1s"),
    ("autovacuum_vacuum_threshold", "200"),
    ("autovacuum_vacuum_cost_delay", "1ms"),
    ("bgwriter_delay", "10ms"),
    ("bgwriter_lru_maxpages", "2"),
    ("bgwriter_lru_multiplier", "10"),
    ("temp_file_limit", "1GB"),
    ("archive_timeout", "1h"),
    ("hot_standby_feedback", "on"),
    ("wal_keep_size", "1MB"),
];

/// Two transactions that wait for each other until the server ends one.
async fn deadlock(server: &Cluster, guard: &mut PgConnection) -> Tested {
    let mut one = server.connect("postgres").await?;
    let mut other = server.connect("postgres").await?;
    run(&mut one, "begin; update orders set note = 'one' where id = 1").await?;
    run(&mut other, "begin; update orders set note = 'other' where id = 2").await?;
    let waiting =
        tokio::spawn(
            async move { run(&mut one, "update orders set note = 'one' where id = 2").await },
        );
    wait(guard, "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'").await?;
    let result = run(&mut other, "update orders set note = 'other' where id = 1").await;
    drop(other);
    assert!(result.is_err() != waiting.await?.is_err(), "one of them is the victim");
    Ok(())
}

/// Statements of every kind, remembered with what they cost.
async fn statements(server: &Cluster) -> Tested {
    let mut session = server.connect("postgres").await?;
    for sql in [
        "set pg_stat_statements.track = 'top'; set temp_buffers = '800kB'; set work_mem = '64kB'; \
         set max_parallel_workers_per_gather = 2",
        "insert into wide select n, repeat('x', 300) from generate_series(1, 60000) n",
        "select count(*) from wide",
        "select count(*) from wide",
        "create temp table scratch as select * from wide limit 10000",
        "update scratch set note = 'x'",
        "select count(*) from scratch",
        "select count(*) from (select note from wide order by note desc, n) as sorted",
        "analyze wide; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; \
         set min_parallel_table_scan_size = 0",
        "select sum(n) from wide",
        "set jit = on; set jit_above_cost = 0",
        "select sum(n + 1) from wide where n > 5",
    ] {
        run(&mut session, sql).await?;
    }
    Ok(())
}

/// Sessions that ended as sessions should not.
async fn ended(server: &Cluster, guard: &mut PgConnection) -> Tested {
    let abandoned = server.connect("postgres").await?;
    drop(abandoned);
    let mut killed = server.connect("postgres").await?;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut killed).await?;
    run(guard, &format!("select pg_terminate_backend({pid})")).await?;
    let mut late = server.connect("postgres").await?;
    run(&mut late, "set idle_in_transaction_session_timeout = '10ms'; begin").await?;
    wait(guard, "select count(*) = 1 from pg_stat_activity where backend_type = 'client backend'")
        .await
}

/// Sessions that stay as they are: in transactions, listening, with a file open.
async fn held(server: &Cluster) -> Result<Vec<PgConnection>, sqlx::Error> {
    let mut many = String::from("begin;");
    (0..70).for_each(|n| many += &format!("savepoint s{n}; insert into bare values ({n});"));
    let mut sessions = Vec::new();
    for (database, sql) in [
        ("postgres", "begin; update orders set note = 'held' where id = 3"),
        ("postgres", "begin isolation level serializable; select count(*) from bare"),
        ("second", "begin; select * from orders where id = 4 for share"),
        ("second", "begin; select * from orders where id = 4 for share"),
        ("second", &many),
        ("postgres", "select pg_advisory_lock(7), pg_advisory_lock_shared(8)"),
        (
            "postgres",
            "begin; set local work_mem = '64kB'; \
             declare sorted cursor for select n from wide order by n desc; fetch 1 from sorted",
        ),
    ] {
        let mut session = server.connect(database).await.unwrap();
        run(&mut session, sql).await?;
        sessions.push(session);
    }
    let mut listener = server.connect("postgres").await.unwrap();
    run(&mut listener, "listen news").await?;
    run(&mut listener, "begin; select 1").await?;
    sessions.push(listener);
    let mut failed = server.connect("postgres").await.unwrap();
    run(&mut failed, "begin").await?;
    assert!(run(&mut failed, "select 1 / 0").await.is_err());
    sessions.push(failed);
    let local = PgConnectOptions::new_without_pgpass()
        .socket(server.socket_dir())
        .port(server.port())
        .username("app")
        .database("postgres")
        .ssl_mode(PgSslMode::Disable);
    sessions.push(local.connect().await?);
    Ok(sessions)
}

/// Sessions that never come to the end of their statement.
async fn busy(server: &Cluster, guard: &mut PgConnection) -> Tested {
    for sql in ["select pg_sleep(600)", "update orders set note = 'waits' where id = 3"] {
        let mut session = server.connect("postgres").await?;
        tokio::spawn(async move { run(&mut session, sql).await });
    }
    let both = "select count(*) = 2 from pg_stat_activity \
                where wait_event_type = 'Lock' or wait_event = 'PgSleep'";
    wait(guard, both).await
}

/// A slot that was read from, by spilling and by streaming, and has more to read.
async fn decoded(major: u16, guard: &mut PgConnection) -> Tested {
    let flags = match major {
        ..14 => "",
        14..17 => ", false, true",
        17.. => ", false, true, true",
    };
    let slots = format!(
        "select pg_create_physical_replication_slot('physical', true), \
         pg_create_logical_replication_slot('decoded', 'pgoutput'{flags})"
    );
    run(guard, &slots).await?;
    let ways: &[&str] = if major >= 14 { &["'1'", "'2', 'streaming', 'on'"] } else { &["'1'"] };
    if major >= 14 {
        run(guard, "select pg_stat_reset_replication_slot('decoded')").await?;
    }
    for version in ways {
        run(guard, "update wide set n = n where n < 1000").await?;
        run(guard, "checkpoint").await?;
        let read = format!(
            "select count(*) from pg_logical_slot_get_binary_changes('decoded', null, null, \
             'publication_names', 'everything', 'proto_version', {version})"
        );
        run(guard, &read).await?;
    }
    // Whoever decodes must find the rows of a catalog that moved.
    run(guard, "vacuum full pg_class").await?;
    run(guard, "select pg_replication_origin_create('elsewhere')").await?;
    run(
        guard,
        "select pg_replication_origin_session_setup('elsewhere'); \
         begin; insert into bare values (6); \
         select pg_replication_origin_xact_setup('0/2000000', now()); commit; \
         select pg_replication_origin_session_reset()",
    )
    .await?;
    Ok(())
}

fn append(server: &Cluster, file: &str, lines: &str) -> std::io::Result<()> {
    let path = server.data().join(file);
    OpenOptions::new().append(true).open(path)?.write_all(lines.as_bytes())
}

/// An index that everybody writes to and that never became valid.
async fn half_an_index(server: &Cluster, database: &str) -> Tested {
    let mut reader = server.connect(database).await?;
    run(&mut reader, "begin isolation level repeatable read; select 1").await?;
    let mut builder = server.connect(database).await?;
    run(&mut builder, "set statement_timeout = '300ms'").await?;
    let index = "create index concurrently orders_broken on orders (note)";
    assert!(run(&mut builder, index).await.is_err(), "it waits for the reader");
    Ok(())
}

/// A page of a table that is no longer what was written.
async fn damage(server: &mut Cluster) -> Tested {
    server.execute_in("second", "create table spoilt as select 1 as n").await?;
    let mut session = server.connect("second").await?;
    let path: String =
        sqlx::query_scalar("select pg_relation_filepath('spoilt')").fetch_one(&mut session).await?;
    server.stop(StopMode::Fast).await?;
    let mut file = OpenOptions::new().write(true).open(server.data().join(path))?;
    file.seek(SeekFrom::Start(8000))?;
    file.write_all(b"damage")?;
    server.start().await?;
    assert!(server.execute_in("second", "select * from spoilt").await.is_err());
    Ok(())
}

/// Every table is frozen in a transaction of its own, so that each has another age.
async fn freeze_one_after_the_other(server: &Cluster, database: &str) -> Tested {
    let mut session = server.connect(database).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "select oid::regclass::text from pg_class where relkind in ('r', 'm') \
         order by relname = 'pg_statistic', oid",
    )
    .fetch_all(&mut session)
    .await?;
    for table in tables {
        run(&mut session, "select txid_current()").await?;
        run(&mut session, &format!("vacuum (freeze, analyze) {table}")).await?;
    }
    Ok(())
}

/// Mistakes in the files that nobody has read since.
fn spoil(server: &Cluster) -> std::io::Result<()> {
    append(server, "postgresql.conf", "no_such_setting = 1\nwork_mem = 'plenty'\nwhat is this\n")?;
    append(server, "pg_hba.conf", "nonsense\n")?;
    append(server, "pg_ident.conf", "nonsense\n")
}

async fn started(major: u16) -> pglens::lab::Result<Cluster> {
    let builder = Cluster::builder().major(major).initdb("--data-checksums").logged();
    let mut builder = builder.initdb("--wal-segsize=1");
    let later = [
        (14, "track_wal_io_timing", "on"),
        (16, "reserved_connections", "2"),
        (17, "summarize_wal", "on"),
        (18, "track_cost_delay_timing", "on"),
        (18, "idle_replication_slot_timeout", "1d"),
    ];
    let later =
        later.iter().filter(|(since, ..)| major >= *since).map(|(_, name, value)| (*name, *value));
    for (name, value) in SETTINGS.into_iter().chain(later) {
        builder = builder.setting(name, value);
    }
    let server = builder.start().await?;
    server.create_monitor().await?;
    server.execute("create database second").await?;
    let extensions = ["pg_stat_statements", "pg_buffercache", "pgstattuple"];
    server.create_extensions("postgres", &extensions).await?;
    server.create_extensions("second", &extensions[1..]).await?;
    server.execute_in("second", "create extension hstore version '1.4'").await?;
    Ok(server)
}

pub async fn scene(major: u16) -> Tested {
    let mut server = started(major).await?;
    let mut guard = server.connect("postgres").await?;
    for sql in SERVER.split(";\n") {
        run(&mut guard, sql).await?;
    }
    for database in BOTH {
        server.execute_in(database, OBJECTS).await?;
        half_an_index(&server, database).await?;
    }
    // Autovacuum does its part, and goes to sleep for good.
    let vacuumed = "select autovacuum_count > 0 and autoanalyze_count > 0 \
                    from pg_stat_user_tables where relname = 'orders'";
    wait(&mut server.connect("second").await?, vacuumed).await?;
    wait(&mut guard, vacuumed).await?;
    server.configure(&[("autovacuum_naptime", "2000000s")])?;
    run(&mut guard, "select pg_reload_conf()").await?;
    let asleep =
        "select count(*) = 0 from pg_stat_activity where backend_type = 'autovacuum worker'";
    wait(&mut guard, asleep).await?;

    for database in BOTH {
        freeze_one_after_the_other(&server, database).await?;
    }
    statements(&server).await?;
    drop(guard);
    damage(&mut server).await?;
    let mut guard = server.connect("postgres").await?;
    ended(&server, &mut guard).await?;
    deadlock(&server, &mut guard).await?;
    run(&mut guard, "checkpoint").await?;
    run(&mut guard, "select pg_switch_wal()").await?;
    wait(&mut guard, "select archived_count > 0 from pg_stat_archiver").await?;
    server.configure(&[("archive_command", "false"), ("shared_buffers", "24MB")])?;
    run(&mut guard, "select pg_reload_conf()").await?;
    // A logical slot begins when all transactions before it have ended.
    decoded(major, &mut guard).await?;
    for database in BOTH {
        server.execute_in(database, WORK).await?;
        let left = format!("begin; insert into bare values (5); prepare transaction '{database}'");
        server.execute_in(database, &left).await?;
    }
    let _held = held(&server).await?;
    busy(&server, &mut guard).await?;
    run(
        &mut guard,
        "select pg_notify('news', n || repeat('x', 7000)) from generate_series(1, 200) n",
    )
    .await?;
    run(&mut guard, "update orders set note = 'z' where id = 1").await?;
    run(&mut guard, "select pg_switch_wal()").await?;
    run(&mut guard, "checkpoint").await?;
    spoil(&server)?;
    // The archiver tries three times, and then no more for a minute.
    let given_up =
        "select clock_timestamp() - last_failed_time > interval '2 s' from pg_stat_archiver";
    wait(&mut guard, given_up).await?;
    compare("primary", &server, &mut guard).await;
    Ok(())
}
