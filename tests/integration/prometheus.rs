//! A real Prometheus between the page and the course's queries and rules.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pglens::lab::Cluster;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Tested, Watching, config};

const SOON: Duration = Duration::from_secs(60);

/// The course's queries, and the conditions of its three rules with the comparison
/// left out: a condition that is false has no result, and one without data neither.
const QUERIES: [&str; 9] = [
    "pg_up",
    "rate(pg_stat_database_xact_commit[1m])",
    "rate(pg_stat_database_xact_rollback[1m])",
    "pg_stat_database_blks_hit / (pg_stat_database_blks_hit + pg_stat_database_blks_read)",
    "rate(pg_stat_database_blks_hit[5m]) / (rate(pg_stat_database_blks_hit[5m]) + rate(pg_stat_database_blks_read[5m]))",
    "pg_stat_activity_count",
    "sum(pg_stat_activity_count)",
    "pg_replication_lag",
    "pg_replication_lag_bytes",
];

const RULES: &str = "\
groups:
  - name: course
    rules:
      - alert: HighConnectionCount
        expr: pg_stat_activity_count > 80
        for: 5m
      - alert: LowCacheHitRatio
        expr: pg_stat_database_blks_hit / (pg_stat_database_blks_hit + pg_stat_database_blks_read) < 0.95
        for: 5m
      - alert: ReplicationLag
        expr: pg_replication_lag_bytes > 1073741824
        for: 5m
";

pub struct Prometheus {
    process: Child,
    port: u16,
    pub folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).unwrap();
    }
}

impl Prometheus {
    /// Scrapes each second what a file in its folder `targets` names, and judges
    /// these rules as often.
    pub fn start(rules: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        std::fs::create_dir(folder.path().join("targets"))?;
        std::fs::write(folder.path().join("rules.yml"), rules)?;
        std::fs::write(
            folder.path().join("prometheus.yml"),
            "global: { scrape_interval: 1s, evaluation_interval: 1s }\n\
             rule_files: [ rules.yml ]\n\
             scrape_configs:\n  - job_name: postgres\n    file_sd_configs:\n      \
             - { files: [ targets/*.json ], refresh_interval: 1s }\n",
        )?;
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, port, folder })
    }

    /// From now on these pages are scraped, with a label `cluster` that says whose it is.
    pub fn scrape(&self, cluster: &str, pages: &[SocketAddr]) -> std::io::Result<()> {
        let pages: Vec<_> = pages.iter().map(ToString::to_string).collect();
        let target = serde_json::json!([{ "targets": pages, "labels": { "cluster": cluster } }]);
        // Whole or not at all: Prometheus looks whenever a file changes.
        let unfinished = self.folder.path().join(format!("{cluster}.unfinished"));
        std::fs::write(&unfinished, target.to_string())?;
        std::fs::rename(unfinished, self.target(cluster))
    }

    pub fn forget(&self, cluster: &str) -> std::io::Result<()> {
        std::fs::remove_file(self.target(cluster))
    }

    fn target(&self, cluster: &str) -> std::path::PathBuf {
        self.folder.path().join("targets").join(format!("{cluster}.json"))
    }

    /// The answer to a request of the API, or nothing while it is not up.
    pub async fn api(&self, path: &str) -> Option<serde_json::Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        let request = format!("GET /api/v1/{path} HTTP/1.0\r\nHost: test\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        serde_json::from_str(body).ok()
    }

    /// The alerts of a cluster that fire now, or those of none.
    pub async fn firing(&self, cluster: Option<&str>) -> BTreeSet<String> {
        let answer = self.api("alerts").await.unwrap_or_default();
        let alerts = answer["data"]["alerts"].as_array().cloned().unwrap_or_default();
        let firing = alerts.iter().filter(|alert| {
            alert["state"] == "firing" && alert["labels"]["cluster"].as_str() == cluster
        });
        firing
            .filter_map(|alert| alert["labels"]["alertname"].as_str().map(str::to_owned))
            .collect()
    }

    pub async fn results(&self, query: &str) -> usize {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = self.api(&format!("query?query={encoded}")).await;
        answer
            .and_then(|answer| answer["data"]["result"].as_array().map(Vec::len))
            .unwrap_or_default()
    }
}

/// A real node_exporter on this host, which tells of its processors.
pub struct NodeExporter {
    process: Child,
    pub address: SocketAddr,
}

impl Drop for NodeExporter {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).unwrap();
    }
}

impl NodeExporter {
    pub fn start() -> std::io::Result<Self> {
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = Command::new("prometheus-node-exporter")
            .arg(format!("--web.listen-address={address}"))
            .args(["--collector.disable-defaults", "--collector.cpu"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, address })
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus; .ci/run has it"]
async fn the_courses_queries_and_rules_have_data() -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    primary.create_monitor().await?;
    let replica = primary.replica("replica").await?;
    let targets =
        [&primary, &replica].map(|server| (server.name(), server.dsn_as("pglens", "postgres")));
    let watching = Watching::start(&config(&targets)).await;
    let prometheus = Prometheus::start(RULES)?;
    prometheus.scrape("course", &watching.daemon.addresses[..1])?;

    for query in QUERIES {
        let began = Instant::now();
        while prometheus.results(query).await == 0 {
            assert!(began.elapsed() < SOON, "no data: {query}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    let rules = prometheus.api("rules").await.unwrap();
    let rules = rules["data"]["groups"][0]["rules"].as_array().unwrap().clone();
    assert_eq!(rules.len(), 3);
    for rule in rules {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
    // Every line that was scraped became a sample: nothing was a duplicate.
    let lost = "scrape_samples_scraped - scrape_samples_post_metric_relabeling != 0";
    assert_eq!(prometheus.results(lost).await, 0);
    assert_eq!(prometheus.results("up == 1").await, 1);
    Ok(())
}
