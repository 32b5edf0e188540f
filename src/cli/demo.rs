//! `pglens demo`: something to look at within seconds, on a machine that has
//! nothing but this program.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::Catalog;
use crate::config::{Config, DEFAULT_SERIES, Flags, Log, LogFormat, Target, Web};
use crate::daemon::{Daemon, StopSignals};
use crate::dsn::{Environment, Source};
use crate::lab::{
    self,
    demo::{Demo, Options},
};
use crate::poll::{Override, Policy};
use crate::store::PagePolicy;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What is slow on a real server is quick on a small one, and nobody watches a
/// demo for half an hour to see bloat move.
const SLOWEST: Duration = Duration::from_secs(60);

pub async fn demo(
    flags: &Flags,
    catalog: Arc<Catalog>,
    major: Option<u16>,
) -> Result<ExitCode, Failed> {
    println!(
        "Starting a throwaway primary and its replica; PostgreSQL is downloaded once if this machine has none."
    );
    let mut stop = StopSignals::new()?;
    let started = tokio::select! {
        started = Demo::start(Options { major, ..Options::default() }) => started?,
        () = stop.told() => return Ok(ExitCode::SUCCESS),
    };
    let config = config(flags, &catalog, started.targets())?;
    let daemon = Daemon::start(&config, catalog).await?;
    let port = daemon.addresses.first().map_or(9187, |address| address.port());
    tell(&started, port);
    stop.told().await;
    println!("\nStopping, and removing everything.");
    daemon.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// How throwaway servers are watched.
pub fn config(
    flags: &Flags,
    catalog: &Catalog,
    targets: Vec<lab::Target>,
) -> Result<Config, Failed> {
    let targets = targets
        .into_iter()
        .map(|lab::Target { name, dsn, software }| {
            Ok(Target { software, ..Target::new(name, Source::parse(&dsn)?) })
        })
        .collect::<Result<_, crate::dsn::Error>>()?;
    let listen_addresses = match flags.listen_addresses.as_slice() {
        [] => vec!["127.0.0.1:9187".to_owned()],
        given => given.to_vec(),
    };
    Ok(Config {
        web: Web {
            listen_addresses,
            telemetry_path: flags.telemetry_path.clone().unwrap_or_else(|| "/metrics".into()),
            config_file: None,
            enable_lifecycle: flags.enable_lifecycle,
            enable_openmetrics: flags.enable_openmetrics,
        },
        log: Log { level: "warn".into(), format: LogFormat::Logfmt },
        pages: PagePolicy { series_limit: DEFAULT_SERIES, constant_labels: Vec::new() },
        targets,
        discover: Vec::new(),
        unused: Vec::new(),
        policy: Arc::new(Policy { overrides: hurried(catalog), ..Policy::default() }),
        environment: Arc::new(Environment::default()),
    })
}

fn hurried(catalog: &Catalog) -> HashMap<String, Override> {
    catalog
        .collectors()
        .iter()
        .filter(|collector| collector.interval > SLOWEST)
        .map(|collector| {
            let change = Override {
                interval: Some(SLOWEST),
                timeout: Some(collector.timeout.min(SLOWEST / 2)),
                ..Override::default()
            };
            (collector.name.clone(), change)
        })
        .collect()
}

fn tell(demo: &Demo, port: u16) {
    println!();
    for server in demo.servers() {
        println!("  {:8} PostgreSQL {} at {}", server.name(), server.major(), server.dsn("shop"));
    }
    println!(
        "
  Status page   http://localhost:{port}/
  Metrics       http://localhost:{port}/metrics

  A small shop is running. Watch on the status page, or with
  curl -s localhost:{port}/metrics | grep NAME

    buffer cache  pg_stat_database_blks_read   rises when a report reads the archive
    WAL           pg_wal_position_bytes_total  steadily; a checkpoint now and then
    locks         pg_blocking_waiters          a chain of waiters behind an idle transaction
    bloat         pg_table_bloat_bytes         the carts, where autovacuum is off
    replication   pg_replication_lag_seconds   the replica stops replaying for a while

  Ctrl-C stops the servers and removes them."
    );
}
