//! Commands in the middle of their work, held there.
//!
//! A function that waits for an advisory lock holds what evaluates it, a cursor
//! holds VACUUM at the page that it stands on, and a client that does not read
//! holds a base backup.

use pglens::lab::Cluster;
use sqlx::PgConnection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{compare, run, wait};
use crate::support::Tested;

/// Tables for one command each. Autovacuum looks after the last two only.
const TABLES: &str = include_str!("../../material/values_progress.sql");

/// Starts a command that will not end, on a session of its own.
async fn start(server: &Cluster, settings: &str, command: String) -> Tested {
    let mut session = server.connect("postgres").await?;
    run(&mut session, settings).await?;
    tokio::spawn(async move { run(&mut session, &command).await });
    Ok(())
}

/// A cursor that stands on a page of a table, which nobody may clean meanwhile.
async fn standing(server: &Cluster, on: &str) -> Result<PgConnection, Box<dyn std::error::Error>> {
    let mut session = server.connect("postgres").await?;
    run(&mut session, "begin; set local enable_seqscan = off; set local enable_bitmapscan = off")
        .await?;
    run(&mut session, &format!("declare here cursor for {on}")).await?;
    run(&mut session, "fetch 1 from here").await?;
    Ok(session)
}

/// A base backup that its client has asked for and does not read.
async fn backup(server: &Cluster, major: u16) -> Result<TcpStream, Box<dyn std::error::Error>> {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await?;
    let parameters = b"user\0postgres\0replication\0true\0\0";
    let mut startup = Vec::new();
    startup.extend_from_slice(&u32::try_from(8 + parameters.len())?.to_be_bytes());
    startup.extend_from_slice(&196_608_u32.to_be_bytes());
    startup.extend_from_slice(parameters);
    stream.write_all(&startup).await?;
    // Messages are a letter, a length and so much more; Z asks for a command.
    let mut letter = 0;
    while letter != b'Z' {
        letter = stream.read_u8().await?;
        let length = usize::try_from(stream.read_u32().await?)? - 4;
        stream.read_exact(&mut vec![0; length]).await?;
    }
    let command: &[u8] = if major >= 15 {
        b"BASE_BACKUP (PROGRESS true, CHECKPOINT 'fast')\0"
    } else {
        b"BASE_BACKUP PROGRESS FAST\0"
    };
    stream.write_u8(b'Q').await?;
    stream.write_u32(u32::try_from(4 + command.len())?).await?;
    stream.write_all(command).await?;
    Ok(stream)
}

pub async fn scene(major: u16) -> Tested {
    let mut builder = Cluster::builder()
        .major(major)
        .setting("autovacuum_naptime", "1s")
        .setting("synchronous_commit", "off");
    if major >= 18 {
        builder = builder.setting("track_cost_delay_timing", "on");
    }
    let server = builder.start().await?;
    server.create_monitor().await?;
    server.execute(TABLES).await?;
    let guard = &mut server.connect("postgres").await?;
    run(guard, "vacuum (freeze, analyze) counted").await?;
    run(guard, "delete from counted where n % 2 = 0").await?;
    run(guard, "delete from cleaned where n < 290000").await?;
    let file = server.data().join("copied");
    let file = file.to_str().ok_or("a path that is no text")?;
    run(guard, &format!("copy (select 'x' where {major} >= 17 union all select n::text from generate_series(1, 20000) n) to '{file}'"))
        .await?;

    let mut holder = server.connect("postgres").await?;
    run(&mut holder, "select pg_advisory_lock(1)").await?;
    let mut writer = server.connect("postgres").await?;
    run(&mut writer, "begin; insert into written values (0)").await?;
    let _cleaned = standing(&server, "select * from cleaned where ctid = '(1300,1)'").await?;
    let _counted = standing(&server, "select m from counted where m between 5000 and 5100").await?;
    let _old = standing(&server, "select * from old where ctid = '(0,1)'").await?;
    // Enough transactions for the age at which autovacuum freezes this one.
    run(
        guard,
        "do $$ begin for n in 1..100100 loop perform txid_current(); commit; end loop; end $$",
    )
    .await?;
    run(guard, "alter table old set (autovacuum_enabled = on); alter table watched set (autovacuum_enabled = on)")
        .await?;
    wait(
        guard,
        "select count(*) = 2 from pg_stat_activity \
                 where backend_type = 'autovacuum worker' \
                   and (wait_event = 'advisory' or wait_event_type = 'BufferPin')",
    )
    .await?;
    server.configure(&[("autovacuum_naptime", "2000000s")])?;
    run(guard, "select pg_reload_conf()").await?;
    wait(
        guard,
        "select count(*) = 2 from pg_stat_activity where backend_type = 'autovacuum worker'",
    )
    .await?;

    let slowly =
        "set vacuum_cost_delay = 100; set vacuum_cost_limit = 1; set vacuum_cost_page_hit = 10";
    // As little as there may be, so that there is more than one pass over the index.
    let memory = if major >= 17 { "64kB" } else { "1MB" };
    let little = format!("set vacuum_cost_delay = 1; set maintenance_work_mem = '{memory}'");
    let mut locks = 4;
    for (settings, command) in [
        (little.as_str(), "vacuum (freeze) cleaned"),
        ("set vacuum_cost_delay = 0", "vacuum (parallel 0) counted"),
        (slowly, "analyze parted"),
        ("", "vacuum full rewritten"),
        ("", "create index scanned_held on scanned (hold(n))"),
        ("", "create index concurrently written_n on written (n)"),
    ] {
        start(&server, settings, command.to_owned()).await?;
    }
    let mut client = server.connect("postgres").await?;
    let mut sent = None;
    if major >= 14 {
        let ignore = if major >= 17 { "with (on_error ignore)" } else { "" };
        start(&server, "", format!("copy held from '{file}' {ignore} where n % 2 = 0")).await?;
        let mut copy = client.copy_in_raw("copy sent from stdin").await?;
        copy.send("12345\n".repeat(20_000).into_bytes()).await?;
        sent = Some(copy);
        locks += 1;
    }
    let _backup = backup(&server, major).await?;
    wait(guard, &format!(
        "select count(*) filter (where wait_event_type = 'Lock') = {locks} \
           and count(*) filter (where wait_event_type = 'BufferPin') = 3 \
           and (select child_tables_done = 1 from pg_stat_progress_analyze where child_tables_total = 2) \
           and (select backup_streamed > 0 from pg_stat_progress_basebackup) \
         from pg_stat_activity"
    )).await?;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;

    compare("progress", &server, guard).await;
    if let Some(copy) = sent {
        copy.abort("held for long enough").await?;
    }
    Ok(())
}
