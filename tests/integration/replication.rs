//! Standbys that are idle, paused, cut off, restarted and promoted: what the
//! page says of each, on both sides of the connection.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use pglens::lab::{Cluster, StopMode};

use crate::support::{Page, Tested, Watching, config, hurried};

pub const SOON: Duration = Duration::from_secs(30);

/// Lags are measured by polls a second apart, and this machine may be busy.
const TOLERANCE: f64 = 2.0;

const LAG: &str = "pg_replication_lag_seconds";
pub const LAG_BYTES: &str = "pg_replication_lag_bytes";
pub const STREAMING: &str = "pg_stat_wal_receiver_streaming";
pub const REPLICA: &str = "pg_replication_is_replica";

/// Watches servers by their names, every second. Only what is about
/// replication is polled, so that one poll is not late because of another.
pub async fn watching(servers: &[&Cluster]) -> Watching {
    const POLLED: [&str; 7] = [
        "conflicts",
        "replication",
        "replication_senders",
        "replication_slot",
        "sync_standbys",
        "wal_position",
        "wal_receiver",
    ];
    let targets: Vec<_> =
        servers.iter().map(|server| (server.name(), server.dsn_as("pglens", "postgres"))).collect();
    // One target alone would get no label, and all series are read by it here.
    let nobody = ("nobody", "postgresql://nobody@127.0.0.1:1/nothing".to_owned());
    let mut config = config(&[targets, vec![nobody]].concat());
    let mut policy = hurried();
    for (name, change) in &mut Arc::make_mut(&mut policy).overrides {
        change.enabled = Some(POLLED.contains(&name.as_str()));
    }
    config.policy = policy;
    Watching::start(&config).await
}

pub async fn primary(major: u16) -> pglens::lab::Result<Cluster> {
    // Autovacuum would write WAL on a server that is to be idle.
    let builder = Cluster::builder().major(major).setting("autovacuum", "off");
    let primary = builder.start().await?;
    primary.create_monitor().await?;
    primary.execute("create table ticks (n int); insert into ticks values (0)").await?;
    Ok(primary)
}

/// A series of one server that has no labels but its name.
pub fn of(page: &Page, server: &Cluster, name: &str) -> Option<f64> {
    page.value(&format!("{name}{{target=\"{}\"}}", server.name()))
}

/// Seconds by which a standby is behind, as its upstream sees it.
fn seen_by(page: &Page, upstream: &Cluster, standby: &Cluster) -> Option<f64> {
    page.value(&format!(
        "pg_stat_replication_replay_lag_seconds\
         {{target=\"{}\",application_name=\"{}\",client_addr=\"127.0.0.1\"}}",
        upstream.name(),
        standby.name()
    ))
}

/// When the page's lag was measured, in seconds since `moment`.
fn measured(page: &Page, server: &Cluster, collector: &str, moment: SystemTime) -> f64 {
    let series = format!(
        "pglens_collector_last_success_timestamp_seconds{{target=\"{}\",collector=\"{collector}\"}}",
        server.name()
    );
    let moment = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    page.value(&series).unwrap_or(0.0) - moment
}

/// Connected, and nothing of the upstream's WAL is missing.
pub fn follows(page: &Page, upstream: &Cluster, standby: &Cluster) -> bool {
    of(page, standby, STREAMING) == Some(1.0)
        && of(page, standby, LAG) == Some(0.0)
        && of(page, standby, LAG_BYTES) == Some(0.0)
        && seen_by(page, upstream, standby) == Some(0.0)
}

/// Seconds without a write are no lag, on either side.
async fn idle(watching: &Watching, primary: &Cluster, standby: &Cluster) -> Tested {
    // From now on the age of the last transaction grows, which is no lag.
    primary.execute("insert into ticks values (0)").await?;
    standby.catch_up(primary, SOON).await?;
    watching.until("in step", SOON, |page| follows(page, primary, standby)).await;
    let end = "select (pg_current_wal_insert_lsn() - '0/0')::float8";
    for _ in 0..5 {
        let before: f64 = primary.value(end).await?;
        let mut pages = Vec::new();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(4) {
            pages.push(watching.page().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // The server itself writes now and then: that is not an idle one.
        if primary.value::<f64>(end).await? == before {
            assert!(pages.iter().all(|page| follows(page, primary, standby)));
            return Ok(());
        }
    }
    panic!("the primary is never idle");
}

/// Writes that a standby receives and does not replay.
async fn paused(watching: &Watching, primary: &Cluster, standby: &Cluster) -> Tested {
    standby.execute("select pg_wal_replay_pause()").await?;
    watching
        .until("paused", SOON, |page| of(page, standby, "pg_wal_replay_paused") == Some(1.0))
        .await;
    let began = SystemTime::now();
    let mut lag = 0.0;
    while lag < 4.0 {
        primary.execute("insert into ticks values (1)").await?;
        let page = watching.page().await;
        lag = of(&page, standby, LAG).unwrap();
        let behind = measured(&page, standby, "replication", began).max(0.0);
        assert!((lag - behind).abs() < TOLERANCE, "{lag} s at {behind} s");
        let upstreams = seen_by(&page, primary, standby).unwrap();
        let behind = measured(&page, primary, "replication_senders", began).max(0.0);
        assert!((upstreams - behind).abs() < TOLERANCE, "{upstreams} s at {behind} s");
        assert!(behind < SOON.as_secs_f64(), "no lag after {behind} s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let page = watching.page().await;
    assert!(of(&page, standby, LAG_BYTES).unwrap() > 0.0);
    assert_eq!(of(&page, standby, "pg_standby_lag_lower_bound"), Some(0.0));
    // The receiver does its part: the lag is the replay's.
    assert!(of(&page, standby, "pg_standby_replay_lag_seconds").unwrap() > 3.0);
    assert!(of(&page, standby, "pg_standby_receive_lag_seconds").unwrap() < TOLERANCE);

    standby.execute("select pg_wal_replay_resume()").await?;
    let soon = Duration::from_secs(10);
    watching.until("in step again", soon, |page| follows(page, primary, standby)).await;
    Ok(())
}

/// A standby that comes back to an idle primary has received less than it has
/// replayed, and has replayed no transaction: the formulas of old explode here.
async fn restarted(watching: &Watching, primary: &Cluster, standby: &mut Cluster) -> Tested {
    let name = standby.name().to_owned();
    let series = |name: &str, of: &str| format!("{of}{{target=\"{name}\"}}");
    let sane = |page: &Page| {
        let lag = page.value(&series(&name, LAG)).unwrap_or(0.0);
        let bytes = page.value(&series(&name, LAG_BYTES)).unwrap_or(0.0);
        assert!((0.0..5.0).contains(&lag), "{lag} s");
        assert!((0.0..1e9).contains(&bytes), "{bytes} bytes");
    };
    let watched = async {
        watching
            .until("it is down", SOON, |page| {
                sane(page);
                page.value(&series(&name, "pg_up")) == Some(0.0)
            })
            .await;
        watching
            .until("it is back", SOON, |page| {
                sane(page);
                page.value(&series(&name, "pg_up")) == Some(1.0)
            })
            .await;
    };
    let restart = async {
        standby.stop(StopMode::Fast).await?;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        standby.start().await
    };
    let (restarted, ()) = tokio::join!(restart, watched);
    restarted?;
    let back = SystemTime::now();
    // Whoever begins to watch now knows nothing of the past.
    let newcomer = self::watching(&[primary, standby]).await;
    for watching in [watching, &newcomer] {
        watching
            .until("in step again", SOON, |page| {
                sane(page);
                measured(page, standby, "replication", back) > 1.5
                    && follows(page, primary, standby)
            })
            .await;
    }
    newcomer.daemon.stop().await;
    Ok(())
}

/// Nobody knows what a silent upstream writes, so silence is lag. It begins
/// with the last message that a poll has seen.
async fn cut_off(watching: &Watching, primary: &mut Cluster, standby: &Cluster) -> Tested {
    let since = |page: &Page, moment| measured(page, standby, "replication", moment);
    let heard = SystemTime::now();
    primary.execute("insert into ticks values (2)").await?;
    watching.until("the message is seen", SOON, |page| since(page, heard) > 0.5).await;
    primary.stop(StopMode::Fast).await?;
    let stopped = SystemTime::now();
    let page = watching.until("silence", SOON, |page| since(page, stopped) > 4.0).await;
    let lag = of(&page, standby, LAG).unwrap();
    let expected = since(&page, stopped) - TOLERANCE..since(&page, heard) + TOLERANCE;
    assert!(expected.contains(&lag), "{lag} s, {expected:?}");
    assert_eq!(of(&page, standby, STREAMING), Some(0.0));
    assert_eq!(of(&page, standby, REPLICA), Some(1.0));
    Ok(())
}

async fn a_pair(major: u16) -> Tested {
    let mut primary = primary(major).await?;
    let mut standby = primary.replica("standby").await?;
    let watching = watching(&[&primary, &standby]).await;
    idle(&watching, &primary, &standby).await?;
    paused(&watching, &primary, &standby).await?;
    restarted(&watching, &primary, &mut standby).await?;
    cut_off(&watching, &mut primary, &standby).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_with_13_is_as_late_as_the_page_says() -> Tested {
    a_pair(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_with_17_is_as_late_as_the_page_says() -> Tested {
    a_pair(17).await
}
