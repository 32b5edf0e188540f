//! Standbys that a watched primary knows are watched, each once.

use std::time::Duration;

use pglens::config::{Config, Discover, Lister, Target};
use pglens::dsn::Source;
use pglens::lab::{Cluster, StopMode};

use crate::support::{Page, Tested, Watching, catalog, config};

pub const SOON: Duration = Duration::from_secs(60);

/// Longer than a standby takes to connect again, `wal_retrieve_retry_interval` of 5 s.
const GRACE: Duration = Duration::from_secs(10);

/// A primary that is written down, and its standbys, which listen on this port.
pub fn looking(primary: &Cluster, port: u16) -> Config {
    let mut config = config(&[("orders", primary.dsn_as("pglens", "postgres"))]);
    config.targets[0].labels.insert("cluster".into(), "shop".into());
    config.discover = vec![Discover {
        name: "standbys".into(),
        lister: Lister::Primary { target: "orders".into(), port },
        template: Target { name: "standbys".into(), ..config.targets[0].clone() },
        interval: Duration::from_secs(1),
        grace: GRACE,
        max_targets: 5,
    }];
    config
}

fn up(page: &Page, target: &str) -> Option<f64> {
    page.value(&format!("pg_up{{cluster=\"shop\",target=\"{target}\"}}"))
}

fn found(page: &Page) -> Option<f64> {
    page.value("pglens_discovery_targets{discovery=\"standbys\"}")
}

/// When our sessions began.
async fn sessions(server: &Cluster) -> Result<String, Box<dyn std::error::Error>> {
    let began = "select string_agg(backend_start::text, ' ' order by backend_start) \
                 from pg_stat_activity where usename = 'pglens'";
    Ok(server.value(began).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_found_and_watched_once() -> Tested {
    let mut primary = Cluster::builder().major(17).setting("wal_level", "logical").start().await?;
    primary.create_monitor().await?;
    let mut replica = primary.replica("replica").await?;
    // Who subscribes is no standby, though it streams from the same address.
    let subscriber = Cluster::builder().major(17).start().await?;
    subscriber.create_monitor().await?;
    primary.execute("create publication everything for all tables").await?;
    subscriber
        .execute(&format!(
            "create subscription everything connection 'host=127.0.0.1 port={} user=postgres' \
             publication everything",
            primary.port()
        ))
        .await?;

    let config = looking(&primary, replica.port());
    let mut watching = Watching::start(&config).await;
    let page =
        watching.until("the standby", SOON, |page| up(page, "standbys/replica") == Some(1.0)).await;
    let subscribes = "pg_stat_replication_is_standby{cluster=\"shop\",target=\"orders\",\
                      application_name=\"everything\",client_addr=\"127.0.0.1\"}";
    assert_eq!(page.value(subscribes), Some(0.0), "{}", page.text);
    assert_eq!(found(&page), Some(1.0));
    let (_, entries) = watching.request("GET /sd").await;
    assert!(entries.contains("\"__meta_pglens_discovery\":\"standbys\""), "{entries}");
    let (_, status) = watching.request("GET /").await;
    assert!(status.contains("found by standbys"), "{status}");

    // A reload leaves alone what was found.
    let before = sessions(&replica).await?;
    let mut more = config.clone();
    more.targets.push(Target::new("other", Source::parse(&subscriber.dsn_as("pglens", "x"))?));
    watching.daemon.reload(&more, catalog()).await;
    assert_eq!(up(&watching.page().await, "standbys/replica"), Some(1.0));
    assert_eq!(sessions(&replica).await?, before);

    // Written down by another name, it is not found any more.
    let mut by_hand = config.clone();
    let dsn = format!("host=localhost port={} user=pglens dbname=postgres", replica.port());
    by_hand.targets.push(Target::new("by hand", Source::parse(&dsn)?));
    watching.daemon.reload(&by_hand, catalog()).await;
    let page = watching.page().await;
    assert_eq!(page.value("pg_up{target=\"by hand\"}"), Some(1.0));
    assert_eq!((up(&page, "standbys/replica"), found(&page)), (None, Some(0.0)));
    watching.daemon.reload(&config, catalog()).await;
    assert_eq!(up(&watching.page().await, "standbys/replica"), Some(1.0));

    // A primary that is down takes nothing back, and a standby that left is down before
    // it is gone.
    primary.stop(StopMode::Fast).await?;
    let told = |page: &Page| page.value("pglens_discovery_up{discovery=\"standbys\"}");
    let page = watching.until("silence", SOON, |page| told(page) == Some(0.0)).await;
    assert_eq!((up(&page, "standbys/replica"), found(&page)), (Some(1.0), Some(1.0)));
    primary.start().await?;
    watching.until("an answer", SOON, |page| told(page) == Some(1.0)).await;
    let streams = "select exists (select from pg_stat_replication \
                   where application_name <> 'everything' and state = 'streaming')";
    primary.wait_for(streams, SOON).await?;
    replica.stop(StopMode::Fast).await?;
    watching.until("down", SOON, |page| up(page, "standbys/replica") == Some(0.0)).await;
    watching.until("gone", SOON, |page| up(page, "standbys/replica").is_none()).await;
    watching.daemon.stop().await;
    Ok(())
}

/// Without pg_monitor the list has the same rows with nothing in them. That is no list of
/// nobody, and no count of none.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_taken_back_takes_no_standby_with_it() -> Tested {
    let primary = Cluster::builder().major(18).start().await?;
    primary.create_monitor().await?;
    let replica = primary.replica("replica").await?;
    let watching = Watching::start(&looking(&primary, replica.port())).await;
    watching.until("the standby", SOON, |page| up(page, "standbys/replica") == Some(1.0)).await;
    primary.execute("revoke pg_monitor from pglens").await?;
    let told = |page: &Page| page.value("pglens_discovery_up{discovery=\"standbys\"}");
    watching.until("silence", SOON, |page| told(page) == Some(0.0)).await;
    // Longer than the grace, for which one stays that is not listed any more.
    tokio::time::sleep(GRACE + Duration::from_secs(2)).await;
    let page = watching.page().await;
    assert_eq!((up(&page, "standbys/replica"), found(&page)), (Some(1.0), Some(1.0)));
    assert!(!page.has("pg_stat_replication_standbys{"), "{}", page.text);
    let skipped = "collector=\"replication_standbys\",because=\"privilege\"";
    assert!(page.text.contains(skipped), "{}", page.text);
    watching.daemon.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_where_a_standby_should_be_is_refused() -> Tested {
    let primary = Cluster::builder().major(16).start().await?;
    primary.create_monitor().await?;
    let _replica = primary.replica("replica").await?;
    let stranger = Cluster::builder().major(16).start().await?;
    stranger.create_monitor().await?;
    let watching = Watching::start(&looking(&primary, stranger.port())).await;
    let page = watching
        .until("the stranger", SOON, |page| up(page, "standbys/replica") == Some(0.0))
        .await;
    assert!(page.has("target=\"standbys/replica\",reason=\"configuration\""), "{}", page.text);
    let (_, status) = watching.request("GET /").await;
    assert!(status.contains("a server of another cluster answers there"), "{status}");
    watching.daemon.stop().await;
    Ok(())
}

/// A target of two hosts follows its primary to where a standby was found.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_failover_nobody_is_watched_twice() -> Tested {
    let mut primary = Cluster::builder().major(18).start().await?;
    primary.create_monitor().await?;
    let replica = primary.replica("replica").await?;
    let mut config = looking(&primary, replica.port());
    let both = format!(
        "host=127.0.0.1,127.0.0.1 port={},{} user=pglens dbname=postgres sslmode=disable \
         target_session_attrs=primary",
        primary.port(),
        replica.port()
    );
    config.targets[0].source = Source::parse(&both)?;
    config.discover[0].template.source = Source::parse(&both)?;
    config.discover[0].grace = Duration::from_secs(600);
    let watching = Watching::start(&config).await;
    let is_replica = |page: &Page, target: &str| {
        page.value(&format!("pg_replication_is_replica{{cluster=\"shop\",target=\"{target}\"}}"))
    };
    watching
        .until("both", SOON, |page| {
            is_replica(page, "orders") == Some(0.0)
                && is_replica(page, "standbys/replica") == Some(1.0)
        })
        .await;
    primary.stop(StopMode::Fast).await?;
    replica.promote().await?;
    watching
        .until("the new primary alone", SOON, |page| {
            up(page, "orders") == Some(1.0)
                && is_replica(page, "orders") == Some(0.0)
                && up(page, "standbys/replica").is_none()
        })
        .await;
    watching.daemon.stop().await;
    Ok(())
}
