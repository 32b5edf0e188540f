//! A real Patroni with a real etcd: its members come, change roles, cannot be asked for
//! a while, and go.

use std::time::{Duration, Instant};

use pglens::config::{Discover, Lister, Target};
use pglens::dsn::Source;
use pglens::lab::Patroni;

use crate::support::{Page, Tested, Watching, config};

const SOON: Duration = Duration::from_secs(60);

fn up(page: &Page, member: &str) -> Option<f64> {
    page.value(&format!("pg_up{{cluster=\"shop\",target=\"main/{member}\"}}"))
}

fn is_replica(page: &Page, member: &str) -> Option<f64> {
    let labels = format!("{{cluster=\"shop\",target=\"main/{member}\"}}");
    page.value(&format!("pg_replication_is_replica{labels}"))
}

fn discovery(page: &Page, what: &str) -> Option<f64> {
    page.value(&format!("pglens_discovery_{what}{{discovery=\"main\"}}"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Patroni and etcd; .ci/run has them"]
async fn members_of_a_patroni_cluster_are_watched() -> Tested {
    let began = Instant::now();
    let mut cluster = Patroni::start("shop", "db1").await?;
    cluster.server(0).create_monitor().await?;
    eprintln!("Patroni with its first member took {:?}", began.elapsed());

    let lister = |cluster: &Patroni, members: &[usize]| {
        let addresses = members.iter().map(|member| cluster.address(*member).parse().unwrap());
        Lister::Patroni(pglens::config::Patroni {
            addresses: addresses.collect(),
            login: None,
            tls: Default::default(),
        })
    };
    let template = Target::new("main", Source::parse("user=pglens dbname=postgres")?);
    let mut config = config(&[]);
    config.discover = vec![Discover {
        name: "main".into(),
        lister: lister(&cluster, &[0]),
        template,
        interval: Duration::from_secs(1),
        grace: Duration::from_secs(3),
        max_targets: 5,
    }];
    let watching = Watching::start(&config).await;
    watching.until("the leader", SOON, |page| is_replica(page, "db1") == Some(0.0)).await;

    cluster.join("db2").await?;
    let joined = Instant::now();
    watching.until("the standby", SOON, |page| up(page, "db2") == Some(1.0)).await;
    eprintln!("from streaming to pg_up took {:?}", joined.elapsed());
    watching.until("its role", SOON, |page| is_replica(page, "db2") == Some(1.0)).await;

    let asked = Instant::now();
    cluster.switch_over(0, 1).await?;
    let promoted = Instant::now();
    watching
        .until("both roles", SOON, |page| {
            is_replica(page, "db1") == Some(1.0) && is_replica(page, "db2") == Some(0.0)
        })
        .await;
    eprintln!(
        "the switchover took {:?}, and {:?} more until both roles were told",
        promoted - asked,
        promoted.elapsed()
    );

    // Nobody answers, and all that is known stays.
    cluster.signal_all("STOP")?;
    let page = watching
        .until("that nobody answers", SOON, |page| discovery(page, "up") == Some(0.0))
        .await;
    assert_eq!(discovery(&page, "targets"), Some(2.0));
    assert_eq!((up(&page, "db1"), up(&page, "db2")), (Some(1.0), Some(1.0)));
    cluster.signal_all("CONT")?;
    watching.until("an answer", SOON, |page| discovery(page, "up") == Some(1.0)).await;

    // A server that is lost is down, and gone when Patroni has forgotten it for a while.
    let lost = Instant::now();
    cluster.lose(1)?;
    watching.until("the loss", SOON, |page| up(page, "db2") == Some(0.0)).await;
    eprintln!("pg_up was 0 after {:?}", lost.elapsed());
    watching
        .until("one member", SOON, |page| {
            up(page, "db2").is_none() && discovery(page, "targets") == Some(1.0)
        })
        .await;
    eprintln!("the target was gone after {:?}", lost.elapsed());
    watching.daemon.stop().await;
    Ok(())
}
