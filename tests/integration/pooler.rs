//! A pooler in the way: it must never be left with settings of ours, which the
//! next application on the same connection would inherit. And a pooler that is
//! watched: the one that is installed, and a newer one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use pglens::catalog::{Catalog, Collector, Software};
use pglens::lab::{Cluster, PgBouncer, Target};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::task::JoinSet;

use crate::support::{Tested, Watching, catalog, config, config_of};

const SOON: Duration = Duration::from_secs(20);

/// The newest that Debian has.
static NEWER: LazyLock<OsString> = LazyLock::new(|| {
    let unpack = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/unpack");
    let answer = Command::new(unpack).args(["forky", "pgbouncer"]).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let folder = String::from_utf8(answer.stdout).unwrap();
    Path::new(folder.trim()).join("pgbouncer").into()
});

/// A pooler that has every figure, with clients that have something to do all the time,
/// and enough of it for one of them to wait.
pub struct Busy {
    pub bouncer: PgBouncer,
    _clients: JoinSet<sqlx::Result<()>>,
}

impl Busy {
    pub async fn before(server: &Cluster) -> pglens::lab::Result<Self> {
        let settings = [("default_pool_size", "3")];
        let bouncer = PgBouncer::of(NEWER.clone(), server, &settings).await?;
        let mut clients = JoinSet::new();
        for _ in 0..4 {
            let client = bouncer.client();
            clients.spawn(async move {
                let mut client = client.connect().await?;
                loop {
                    client.execute("begin; select pg_sleep(0.01); commit").await?;
                    // Prepared, as most drivers do.
                    sqlx::query("select 1").execute(&mut client).await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
        }
        Ok(Self { bouncer, _clients: clients })
    }

    pub fn target(&self) -> Target {
        console_of(&self.bouncer)
    }
}

fn console_of(bouncer: &PgBouncer) -> Target {
    Target { name: "pooler".into(), dsn: bouncer.console(), software: Software::PgBouncer }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn a_transaction_pooler_is_refused_and_left_as_it_was() -> Tested {
    refused(PgBouncer::installed()).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Debian's mirror; .ci/run has it"]
async fn a_newer_transaction_pooler_is_refused_and_left_as_it_was() -> Tested {
    refused(NEWER.clone()).await
}

async fn refused(program: OsString) -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    primary.create_monitor().await?;
    let small = ("default_pool_size", "1");
    for settings in [vec![small], vec![small, ("ignore_startup_parameters", "options")]] {
        let bouncer = PgBouncer::of(program.clone(), &primary, &settings).await?;
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
        let pooled = settings_of(&bouncer.dsn_as("pglens", "postgres")).await?;
        assert_eq!(pooled, settings_of(&primary.dsn_as("pglens", "postgres")).await?);
    }
    Ok(())
}

async fn settings_of(dsn: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let options: PgConnectOptions = dsn.parse()?;
    let mut application = options.extra_float_digits(None).connect().await?;
    let settings: Vec<String> = sqlx::query_scalar(
        "select current_setting(name) from unnest(array['statement_timeout', 'lock_timeout', \
         'default_transaction_read_only', 'search_path', 'jit']) name",
    )
    .persistent(false)
    .fetch_all(&mut application)
    .await?;
    application.close().await?;
    Ok(settings)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn a_pool_is_seen_with_those_who_wait() -> Tested {
    seen(PgBouncer::installed()).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Debian's mirror; .ci/run has it"]
async fn a_newer_poolers_pool_is_seen_with_those_who_wait() -> Tested {
    seen(NEWER.clone()).await
}

/// One server connection for three clients, seen at the console.
async fn seen(program: OsString) -> Tested {
    let primary = Cluster::builder().major(18).start().await?;
    primary.create_monitor().await?;
    let bouncer = PgBouncer::of(program, &primary, &[("default_pool_size", "1")]).await?;
    let mistaken = Target {
        name: "mistaken".into(),
        dsn: bouncer.dsn_as("postgres", "template1"),
        software: Software::PgBouncer,
    };
    let config = config_of(&[primary.target("postgres"), console_of(&bouncer), mistaken]);
    let watching = Watching::start(&config).await;

    let mut clients = JoinSet::new();
    for _ in 0..3 {
        let client = bouncer.client();
        clients.spawn(async move {
            let mut client = client.connect().await?;
            client.execute("begin; select pg_sleep(60)").await.map(drop)
        });
    }
    let pool = "{target=\"pooler\",database=\"postgres\",user=\"postgres\"}";
    let series = |metric: &str| format!("pgbouncer_pools_{metric}{pool}");
    let page = watching
        .until("two wait for one", Duration::from_secs(40), |page| {
            page.value(&series("client_waiting_connections")) == Some(2.0)
                && page.value(&series("client_maxwait_seconds")).is_some_and(|wait| wait >= 1.0)
                && page.value(&series("server_active_connections")) == Some(1.0)
        })
        .await;
    assert_eq!(page.value(&series("server_idle_connections")), Some(0.0));
    assert_eq!(page.value("pgbouncer_up{target=\"pooler\"}"), Some(1.0));
    assert_eq!(page.value("pgbouncer_up{target=\"mistaken\"}"), Some(0.0));
    assert_eq!(page.value("pg_up{target=\"primary\"}"), Some(1.0));
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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn what_a_version_lacks_is_what_is_said_of_later_ones() -> Tested {
    let (version, lacking) = lacking(PgBouncer::installed()).await?;
    let catalog = catalog();
    for (name, help) in declared(&catalog) {
        let since = help.split_once(" from 1.").map(|(_, rest)| rest.split(' ').next());
        let since: Option<u32> = since.flatten().map(|minor| minor.parse().unwrap());
        let later = since.is_some_and(|since| since > version);
        assert_eq!(lacking.contains(name), later, "{name} on 1.{version}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Debian's mirror; .ci/run has it"]
async fn a_newer_pooler_lacks_only_what_it_renamed() -> Tested {
    let (version, lacking) = lacking(NEWER.clone()).await?;
    assert!(version >= 26, "1.{version} is no newer one");
    assert_eq!(lacking, BTreeSet::from(["pgbouncer_databases_reserve_pool".to_owned()]));
    Ok(())
}

/// What a person asks first.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn doctor_and_once_know_a_pooler() -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    let bouncer = PgBouncer::before(&primary, &[]).await?;
    let config = tempfile::NamedTempFile::new()?;
    let pool =
        format!("[targets.pool]\ndsn = \"{}\"\nsoftware = \"pgbouncer\"\n", bouncer.console());
    std::fs::write(config.path(), pool)?;
    let ask = |command: &str| {
        let pglens = Command::new(env!("CARGO_BIN_EXE_pglens"))
            .args([command, "--config"])
            .arg(config.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&pglens.stdout).into_owned();
        assert!(pglens.status.success(), "{said}{}", String::from_utf8_lossy(&pglens.stderr));
        said
    };
    let said = ask("doctor");
    assert!(
        said.contains("  PgBouncer 1.") && said.contains("  runs     pgbouncer_pools"),
        "{said}"
    );
    let said = ask("once");
    assert!(said.contains("\npgbouncer_up 1\n") && said.contains("\npgbouncer_pools "), "{said}");
    Ok(())
}

fn of_console(catalog: &Catalog) -> impl Iterator<Item = &Collector> {
    let all = catalog.collectors().iter().map(AsRef::as_ref);
    all.filter(|collector| collector.software == Software::PgBouncer)
}

/// The metrics of the console, each with its help.
fn declared(catalog: &Catalog) -> impl Iterator<Item = (&str, &str)> {
    let metrics = of_console(catalog).flat_map(|collector| &collector.metrics);
    metrics.map(|metric| (metric.name.as_str(), metric.help.as_str()))
}

/// The minor version, and the metrics that are declared and not shown by it.
async fn lacking(program: OsString) -> Result<(u32, BTreeSet<String>), Box<dyn std::error::Error>> {
    let primary = Cluster::builder().major(17).start().await?;
    let bouncer = PgBouncer::of(program, &primary, &[]).await?;
    bouncer.client().connect().await?.close().await?;
    let watching = Watching::start(&config_of(&[console_of(&bouncer)])).await;
    let catalog = catalog();
    let collectors = of_console(&catalog).count();
    let page = watching
        .until("every collector", SOON, |page| {
            let polled = page.family("pglens_collector_success");
            let skipped = page.family("pglens_collector_skipped").len();
            polled.len() + skipped == collectors && polled.values().all(|success| *success == 1.0)
        })
        .await;
    let (_, status) = watching.request("GET /").await;
    let (_, after) = status.split_once("PgBouncer 1.").ok_or("no version")?;
    let minor = after.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse()?;
    let names = declared(&catalog).map(|(name, _)| name);
    Ok((minor, names.filter(|name| page.family(name).is_empty()).map(Into::into).collect()))
}
