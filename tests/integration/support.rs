//! A daemon like the real one, on a port of its own, and pages read from it.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pglens::catalog::{Catalog, Software};
use pglens::config::{Config, DEFAULT_SERIES, Log, LogFormat, Target, Web};
use pglens::daemon::Daemon;
use pglens::dsn::{Environment, Source};
use pglens::lab::{self, Cluster};
use pglens::poll::{Override, Policy};
use pglens::store::PagePolicy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub type Tested = Result<(), Box<dyn std::error::Error>>;

pub fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::builtin().unwrap())
}

/// The configuration that `DATA_SOURCE_NAME` alone would give.
pub fn config(targets: &[(&str, String)]) -> Config {
    let servers = targets.iter().map(|(name, dsn)| lab::Target {
        name: (*name).to_owned(),
        dsn: dsn.clone(),
        software: Software::PostgreSql,
    });
    config_of(&servers.collect::<Vec<_>>())
}

/// The same for what the lab has started.
pub fn config_of(targets: &[lab::Target]) -> Config {
    let targets = targets
        .iter()
        .map(|lab::Target { name, dsn, software }| Target {
            software: *software,
            ..Target::new(name, Source::parse(dsn).unwrap())
        })
        .collect();
    Config {
        web: Web {
            listen_addresses: vec!["127.0.0.1:0".into()],
            telemetry_path: "/metrics".into(),
            config_file: None,
            enable_lifecycle: true,
            enable_openmetrics: true,
        },
        log: Log { level: "warn".into(), format: LogFormat::Logfmt },
        pages: PagePolicy { series_limit: DEFAULT_SERIES, constant_labels: Vec::new() },
        targets,
        discover: Vec::new(),
        unused: Vec::new(),
        policy: Arc::default(),
        environment: Arc::new(Environment::default()),
    }
}

/// Every collector on, and as often as every second.
pub fn hurried() -> Arc<Policy> {
    every(Duration::from_secs(1))
}

/// Every collector on, and as often as this.
pub fn every(interval: Duration) -> Arc<Policy> {
    Arc::new(Policy { overrides: overrides(interval), ..Policy::default() })
}

fn overrides(interval: Duration) -> HashMap<String, Override> {
    let change = |timeout: Duration| Override {
        enabled: Some(true),
        interval: Some(interval),
        timeout: Some(timeout.min(Duration::from_millis(900))),
        keep: None,
    };
    catalog()
        .collectors()
        .iter()
        .filter(|collector| collector.is_polled())
        .map(|collector| (collector.name.clone(), change(collector.timeout)))
        .collect()
}

/// A running daemon.
pub struct Watching {
    pub daemon: Daemon,
    address: SocketAddr,
}

impl Watching {
    pub async fn start(config: &Config) -> Self {
        Self::with(config, catalog()).await
    }

    pub async fn with(config: &Config, catalog: Arc<Catalog>) -> Self {
        let daemon = Daemon::start(config, catalog).await.unwrap();
        let address = daemon.addresses[0];
        Self { daemon, address }
    }

    /// The status line and the body.
    /// Watches one server, and shows its statistics.
    pub async fn ready(server: &Cluster) -> Self {
        let soon = Duration::from_secs(30);
        let watching =
            Self::start(&config(&[("server", server.dsn_as("pglens", "postgres"))])).await;
        watching.until("pg_up 1", soon, |page| page.value("pg_up") == Some(1.0)).await;
        watching.until("ready", soon, |page| page.has("pg_stat_database_xact_commit{")).await;
        watching
    }

    pub async fn request(&self, request: &str) -> (String, String) {
        ask(self.address, request).await
    }

    pub async fn page(&self) -> Page {
        Self::page_of(self.address).await
    }

    pub async fn page_of(address: SocketAddr) -> Page {
        let began = Instant::now();
        let (status, body) = ask(address, "GET /metrics").await;
        assert_eq!(status, "HTTP/1.1 200 OK");
        Page { text: body, took: began.elapsed() }
    }

    /// The first page that is as it should be.
    pub async fn until(&self, what: &str, limit: Duration, holds: impl Fn(&Page) -> bool) -> Page {
        let began = Instant::now();
        loop {
            let page = self.page().await;
            if holds(&page) {
                return page;
            }
            assert!(began.elapsed() < limit, "not within {limit:?}: {what}\n{}", page.text);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn ask(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

/// An exposition, with the time that it took to come.
pub struct Page {
    pub text: String,
    pub took: Duration,
}

impl Page {
    /// The value of one series, written as the exposition writes it.
    pub fn value(&self, series: &str) -> Option<f64> {
        self.text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
    }

    /// Name and labels of every series of a family, with its value.
    pub fn family(&self, name: &str) -> BTreeMap<String, f64> {
        self.samples()
            .filter(|(series, _)| series.split('{').next() == Some(name))
            .map(|(series, value)| (series.to_owned(), value))
            .collect()
    }

    pub fn samples(&self) -> impl Iterator<Item = (&str, f64)> {
        self.text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(series, value)| (series, value.parse().unwrap()))
    }

    pub fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

/// A primary in which every collector has something to read.
pub async fn rich_primary(major: u16) -> pglens::lab::Result<Cluster> {
    let mut builder = Cluster::builder()
        .logged()
        .major(major)
        .setting("wal_level", "logical")
        .setting("shared_preload_libraries", "pg_stat_statements")
        .setting("archive_mode", "always")
        .setting("archive_command", "true")
        .setting("max_prepared_transactions", "5")
        .setting("track_io_timing", "on")
        .setting("track_functions", "all");
    if major >= 17 {
        builder = builder.setting("summarize_wal", "on");
    }
    let primary = builder.start().await?;
    primary.create_monitor().await?;
    primary
        .create_extensions("postgres", &["pg_stat_statements", "pg_buffercache", "pgstattuple"])
        .await?;
    Ok(primary)
}
