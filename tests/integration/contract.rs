//! The catalogue against every major version: each query runs, on a primary and
//! on a standby, as the role that we ask for; it returns what is declared; and
//! what the page shows of it changes only on purpose.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pglens::catalog::HISTOGRAM_SUFFIXES;
use pglens::daemon::watched;
use pglens::lab::Cluster;
use pglens::poll::{Policy, once};
use pglens::store::Outcome;
use pglens::target::Reason;

use crate::support::{Page, catalog, config, hurried, rich_primary};

/// Families that are there only while something happens.
const FLEETING: [&str; 4] = [
    "pg_stat_replication_reported_",
    "pg_stat_activity_autovacuum_",
    "pg_stat_user_functions_",
    "pg_aio_handles",
];

/// Longer than any server here needs for anything.
const SOON: Duration = Duration::from_secs(30);

async fn contract(major: u16) -> pglens::lab::Result<()> {
    let primary = rich_primary(major).await?;
    primary
        .execute(
            "create table orders (id bigint generated always as identity primary key, note text); \
             insert into orders (note) select repeat('x', 100) from generate_series(1, 20000); \
             delete from orders where id % 3 = 0; \
             create index orders_note on orders (note); \
             create index orders_note_again on orders (note); \
             create index orders_note_id on orders (note, id); \
             create table events (at int) partition by range (at); \
             create table events_1 partition of events for values from (0) to (10); \
             analyze orders; \
             create publication everything for all tables",
        )
        .await?;
    primary.execute("select pg_create_logical_replication_slot('logical', 'pgoutput')").await?;
    primary.execute("select pg_switch_wal()").await?;
    // Statistics arrive late, above all on 13 and 14.
    primary
        .wait_for(
            "select bool_and(n_dead_tup > 0 and last_analyze is not null) \
             and (select archived_count > 0 from pg_stat_archiver) \
             and (select stats_reset is not null or current_setting('server_version_num')::int >= 150000 \
                  from pg_stat_database where datname = 'postgres') \
             from pg_stat_user_tables where relname = 'orders'",
            SOON,
        )
        .await?;
    let replica = primary.replica("replica").await?;
    replica.catch_up(&primary, SOON).await?;

    let mut shapes = Vec::new();
    for server in [&primary, &replica] {
        let page = polled(server).await;
        keep(&page, &format!("{major}-{}", server.name()));
        shapes.push(format!("# {}\n{}", server.name(), shape(&page)));
    }
    insta::with_settings!({ snapshot_path => "../golden", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("postgresql-{major}"), shapes.join("\n"));
    });
    Ok(())
}

/// Leaves the page where other tools can be asked about it.
fn keep(page: &Page, name: &str) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("exposition");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.txt")), &page.text).unwrap();
    let openmetrics = pglens::expose::openmetrics(&page.text);
    std::fs::write(folder.join(format!("{name}.om")), openmetrics).unwrap();
}

/// Polls everything once. No collector may fail: it runs, or is not for this server.
pub async fn polled(server: &Cluster) -> Page {
    polled_with(server, hurried()).await
}

/// The same with a policy of the caller's, such as the one that nobody has changed.
pub async fn polled_with(server: &Cluster, policy: Arc<Policy>) -> Page {
    let catalog = catalog();
    let mut config = config(&[("server", server.dsn_as("pglens", "postgres"))]);
    config.policy = policy;
    let (store, servers) = watched(&config, catalog.clone());
    once(&servers[0]).await.unwrap();
    store.read(0, |view| {
        for ((collector, database), status) in view.collectors {
            let name = &catalog.collectors()[*collector].name;
            match &status.outcome {
                Outcome::Success | Outcome::Skipped(_) => {}
                // A standby may be asked for what it has to cancel.
                Outcome::Failed(failure) if failure.reason == Reason::RecoveryConflict => {}
                outcome => panic!(
                    "{name} in \"{database}\" on {} {}: {outcome:?}",
                    server.major(),
                    server.name()
                ),
            }
        }
    });
    let text = store.pages(|_| true).iter().map(|page| page.text().to_owned()).collect();
    Page { text, took: Default::default() }
}

/// Families with type and label names: what a dashboard relies on, without
/// values, which differ from run to run.
fn shape(page: &Page) -> String {
    let mut families: BTreeMap<&str, (&str, Vec<String>)> = BTreeMap::new();
    for line in page.text.lines() {
        let family = line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' '));
        if let Some((name, kind)) = family {
            let before = families.insert(name, (kind, Vec::new()));
            assert!(before.is_none(), "{name} has two TYPE lines");
        }
    }
    let mut seen = std::collections::HashSet::new();
    for (series, value) in page.samples() {
        assert!(seen.insert(series.to_owned()), "{series} is there twice");
        assert!(!value.is_nan(), "{series} is not a number");
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let names = labels
            .trim_end_matches('}')
            .split("\",")
            .filter_map(|label| Some(label.split_once('=')?.0.to_owned()))
            .collect::<Vec<_>>()
            .join(",");
        let family = HISTOGRAM_SUFFIXES
            .iter()
            .filter_map(|suffix| name.strip_suffix(suffix))
            .find(|name| families.get(name).is_some_and(|(kind, _)| *kind == "histogram"));
        let (_, known) =
            families.get_mut(family.unwrap_or(name)).expect("a sample follows its TYPE");
        if !known.contains(&names) {
            known.push(names);
        }
    }
    families
        .into_iter()
        .filter(|(name, _)| !FLEETING.iter().any(|fleeting| name.starts_with(fleeting)))
        .map(|(name, (kind, mut labels))| {
            labels.sort();
            let labels: Vec<_> = labels.iter().map(|names| format!("{{{names}}}")).collect();
            format!("{kind} {name} {}\n", labels.join(" "))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_with_13() {
    contract(13).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_with_14() {
    contract(14).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_with_15() {
    contract(15).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_with_16() {
    contract(16).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_with_17() {
    contract(17).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_with_18() {
    contract(18).await.unwrap();
}
