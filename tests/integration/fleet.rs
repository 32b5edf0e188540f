//! Many servers in one process: a new configuration disturbs only what it
//! changes, and load balancers are told who is who.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pglens::catalog::Preset;
use pglens::lab::{Cluster, StopMode};
use pglens::poll::Policy;

use crate::support::{Page, Tested, Watching, catalog, config};

const SOON: Duration = Duration::from_secs(60);

/// The series of one target, our own moving parts apart.
fn series(page: &Page, target: &str) -> BTreeSet<String> {
    let label = format!("target=\"{target}\"");
    page.samples()
        .filter(|(series, _)| series.contains(&label) && !series.starts_with("pglens_"))
        .map(|(series, _)| series.to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_with_fifty_targets_disturbs_only_what_changed() -> Tested {
    let server = Cluster::builder().major(17).setting("max_connections", "300").start().await?;
    server.create_monitor().await?;
    let dsn = server.dsn_as("pglens", "postgres");
    let names: Vec<_> = (0..50).map(|number| format!("server{number:02}")).collect();
    let targets: Vec<_> = names.iter().map(|name| (name.as_str(), dsn.clone())).collect();
    let config = |targets: &[(&str, String)]| {
        let mut config = config(targets);
        let preset = Preset::Minimal;
        config.policy = Policy { preset, ..Policy::default() }.into();
        config
    };
    let mut watching = Watching::start(&config(&targets)).await;
    // On a busy machine a first connection may fail, and leaves traces until the next.
    let well = |page: &Page| {
        let count = |name: &str, value: f64| {
            let of_name = |series: &str| series.split('{').next() == Some(name);
            page.samples().filter(|(series, is)| of_name(series) && *is == value).count()
        };
        count("pg_up", 1.0) == 50 && count("pg_scrape_collector_success", 0.0) == 0
    };
    watching.until("all well", 3 * SOON, well).await;
    while !watching.daemon.is_ready() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A collector that waits for nothing is there in full once it is there.
    let page = watching.page().await;
    let stay: Vec<_> = names[2..].iter().flat_map(|name| series(&page, name)).collect();
    assert!(stay.len() > 48 * 50, "{} series", stay.len());
    let began: String = server.value("select clock_timestamp()::text").await?;

    // The first is gone, the second has changed, one is new, 48 are as they were.
    let mut changed: Vec<_> = targets[1..].to_vec();
    changed.push(("new", dsn.clone()));
    let mut changed = config(&changed);
    changed.targets[0].exclude_databases = vec!["template1".into()];
    let address = watching.daemon.addresses[0];
    let scraping = tokio::spawn(async move {
        let (mut scrapes, mut after, mut missed) = (0, 0, BTreeSet::new());
        loop {
            let page = Watching::page_of(address).await;
            let now: BTreeSet<_> = page.samples().map(|(series, _)| series).collect();
            let gone = stay.iter().filter(|series| !now.contains(series.as_str()));
            missed.extend(gone.cloned());
            scrapes += 1;
            if page.has("pg_up{target=\"new\"} 1") {
                // What goes and what comes change places at one moment.
                assert!(!page.has("target=\"server00\""));
                assert!(page.has("pg_up{target=\"server01\"}"));
                after += 1;
            }
            if after == 10 {
                return (scrapes, missed);
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    watching.daemon.reload(&changed, catalog()).await;
    let (scrapes, missed) = scraping.await?;
    eprintln!(
        "{scrapes} scrapes before, during and after the reload, {} series missed",
        missed.len()
    );
    assert!(scrapes > 11, "{scrapes} scrapes");
    assert_eq!(missed, BTreeSet::new());
    // Two servers connected anew, with two lanes each.
    let connected: i64 = server
        .value(&format!(
            "select count(*) from pg_stat_activity \
             where usename = 'pglens' and backend_start > '{began}'"
        ))
        .await?;
    assert!(connected <= 4, "{connected} connections are new");
    watching.daemon.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn load_balancers_are_told_who_is_who() -> Tested {
    let primary = Cluster::builder().major(18).start().await?;
    primary.create_monitor().await?;
    let replica = primary.replica("replica").await?;
    let targets =
        [&primary, &replica].map(|server| (server.name(), server.dsn_as("pglens", "postgres")));
    let watching = Watching::start(&config(&targets)).await;
    let lag = "pg_replication_lag_seconds{target=\"replica\"}";
    watching.until("a lag", SOON, |page| page.value(lag).is_some()).await;

    for (path, status, text) in [
        ("/primary?target=primary", 200, "primary\n"),
        ("/primary?target=replica", 503, "a standby\n"),
        ("/replica?target=replica", 200, "replica\n"),
        ("/replica?target=replica&max_lag=10s", 200, "replica, 0 s behind\n"),
        ("/replica?target=primary", 503, "the primary\n"),
        ("/primary", 400, "expected ?target=NAME\n"),
        ("/primary?target=nobody", 404, "there is no target \"nobody\"; see /sd"),
        ("/replica?target=replica&max_lag=soon", 400, "Failed to deserialize query string"),
    ] {
        let (line, body) = watching.request(&format!("GET {path}")).await;
        assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {line}");
        assert!(body.starts_with(text), "{path}: {body}");
    }

    replica.execute("select pg_wal_replay_pause()").await?;
    primary.execute("create table written as select generate_series(1, 1000)").await?;
    watching.until("lag", SOON, |page| page.value(lag).is_some_and(|lag| lag > 1.0)).await;
    let (line, body) = watching.request("GET /replica?target=replica&max_lag=1s").await;
    assert!(line.contains(" 503 ") && body.ends_with(" s behind\n"), "{line}: {body}");

    replica.execute("select pg_wal_replay_resume()").await?;
    replica.promote().await?;
    let promoted = Instant::now();
    loop {
        let (line, body) = watching.request("GET /primary?target=replica").await;
        if line.contains(" 200 ") {
            break;
        }
        assert!(promoted.elapsed() < SOON, "{line}: {body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    watching.daemon.stop().await;
    Ok(())
}

/// Of several hosts the one that `target_session_attrs` asks for, also when it
/// becomes another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_of_several_hosts_follows_its_primary() -> Tested {
    let mut primary = Cluster::builder().major(16).start().await?;
    primary.create_monitor().await?;
    let replica = primary.replica("replica").await?;
    let hosts = |attrs: &str| {
        let ports = format!("{},{}", replica.port(), primary.port());
        format!(
            "host=127.0.0.1,127.0.0.1 port={ports} user=pglens dbname=postgres \
             sslmode=disable target_session_attrs={attrs}"
        )
    };
    let (writer, reader) = (hosts("primary"), hosts("standby"));
    let targets = [("writer", writer), ("reader", reader), ("wish", hosts("prefer-standby"))];
    let watching = Watching::start(&config(&targets)).await;
    let role = |page: &Page, target: &str| {
        page.value(&format!("pg_replication_is_replica{{target=\"{target}\"}}"))
    };
    watching
        .until("each in its role", SOON, |page| {
            role(page, "writer") == Some(0.0)
                && role(page, "reader") == Some(1.0)
                && role(page, "wish") == Some(1.0)
        })
        .await;

    primary.stop(StopMode::Fast).await?;
    replica.promote().await?;
    watching
        .until("the new primary", SOON, |page| {
            // There is no standby any more: who insists on one has none, and says why.
            page.value("pg_up{target=\"writer\"}") == Some(1.0)
                && role(page, "writer") == Some(0.0)
                && page.value("pg_up{target=\"reader\"}") == Some(0.0)
                && page.value("pg_up{target=\"wish\"}") == Some(1.0)
                && role(page, "wish") == Some(0.0)
        })
        .await;
    watching.daemon.stop().await;
    Ok(())
}
