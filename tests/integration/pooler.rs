//! A pooler in the way: it must never be left with settings of ours, which the
//! next application on the same connection would inherit.

use std::time::Duration;

use pglens::catalog::Software;
use pglens::lab::{Cluster, PgBouncer};
use sqlx::{ConnectOptions, Executor};

use crate::support::{Tested, Watching, config};

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn a_transaction_pooler_is_refused_and_left_as_it_was() -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    primary.create_monitor().await?;
    for more in ["", "ignore_startup_parameters = options"] {
        let bouncer =
            PgBouncer::before(&primary, &format!("default_pool_size = 1\n{more}")).await?;
        let watching =
            Watching::start(&config(&[("server", bouncer.dsn_as("pglens", "postgres"))])).await;
        let page = watching
            .until("the reason", SOON, |page| {
                page.value("pglens_target_failure{reason=\"configuration\"}") == Some(1.0)
            })
            .await;
        assert_eq!(page.value("pg_up"), Some(0.0));
        let (_, body) = watching.request("GET /").await;
        assert!(body.contains("startup parameter"), "{body}");

        // Whoever gets the pooled connection next has the settings of its role, as
        // without a pooler.
        let pooled = settings(&bouncer.dsn_as("pglens", "postgres")).await?;
        assert_eq!(pooled, settings(&primary.dsn_as("pglens", "postgres")).await?);
    }
    Ok(())
}

async fn settings(dsn: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let options: sqlx::postgres::PgConnectOptions = dsn.parse()?;
    let mut application = options.extra_float_digits(None).connect().await?;
    let settings: Vec<String> = sqlx::query_scalar(
        "select current_setting(name) from unnest(array['statement_timeout', 'lock_timeout', \
         'default_transaction_read_only', 'search_path', 'jit']) name",
    )
    .persistent(false)
    .fetch_all(&mut application)
    .await?;
    Ok(settings)
}

/// One server connection for three clients, seen at the console.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn a_pool_is_seen_with_those_who_wait() -> Tested {
    let primary = Cluster::builder().major(18).start().await?;
    primary.create_monitor().await?;
    let bouncer = PgBouncer::before(&primary, "default_pool_size = 1").await?;
    let targets = [
        ("server", primary.dsn_as("pglens", "postgres")),
        ("pooler", bouncer.console()),
        ("mistaken", bouncer.dsn_as("postgres", "template1")),
    ];
    let mut config = config(&targets);
    config.targets[1].software = Software::PgBouncer;
    config.targets[2].software = Software::PgBouncer;
    let watching = Watching::start(&config).await;

    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let options: sqlx::postgres::PgConnectOptions =
            bouncer.dsn_as("postgres", "postgres").parse()?;
        clients.spawn(async move {
            let mut client = options.extra_float_digits(None).connect().await?;
            client.execute("begin; select pg_sleep(60)").await.map(drop)
        });
    }
    let pool = "{target=\"pooler\",database=\"postgres\",user=\"postgres\"}";
    let series = |metric: &str| format!("pgbouncer_pools_{metric}{pool}");
    let page = watching
        .until("two wait for one", Duration::from_secs(40), |page| {
            page.value(&series("client_waiting_connections")) == Some(2.0)
                && page.value(&series("client_maxwait_seconds")).is_some_and(|wait| wait >= 1.0)
        })
        .await;
    assert_eq!(page.value(&series("server_active_connections")), Some(1.0));
    assert_eq!(page.value(&series("server_idle_connections")), Some(0.0));
    assert_eq!(page.value("pgbouncer_up{target=\"pooler\"}"), Some(1.0));
    assert_eq!(page.value("pgbouncer_up{target=\"mistaken\"}"), Some(0.0));
    assert_eq!(page.value("pg_up{target=\"server\"}"), Some(1.0));
    // It is no server of PostgreSQL, and nothing of one is said about it.
    assert!(!page.has("pg_up{target=\"pooler\"}"), "{}", page.text);
    assert_eq!(page.value("pgbouncer_config_default_pool_size{target=\"pooler\"}"), Some(1.0));
    let clients_seen = page.value("pgbouncer_used_clients{target=\"pooler\"}");
    assert!(clients_seen.is_some_and(|clients| clients >= 4.0), "{clients_seen:?}");
    let (_, body) = watching.request("GET /").await;
    assert!(body.contains("PgBouncer 1.") && body.contains("this is not PgBouncer"), "{body}");

    clients.shutdown().await;
    watching
        .until("nobody waits", SOON, |page| {
            page.value(&series("client_waiting_connections")) == Some(0.0)
        })
        .await;
    watching.daemon.stop().await;
    Ok(())
}
