//! What `pglens demo` shows: a primary, its replica and a shop that uses them.

use super::workload::{DATABASE, Workload};
use super::{Cluster, Result, Target};

/// What makes a server worth watching: everything measured that the lessons
/// ask for, and what the workload leaves behind kept small.
const SETTINGS: [(&str, &str); 9] = [
    // Clusters of the tests go without; here an alert would rightly say so.
    ("fsync", "on"),
    ("shared_preload_libraries", "pg_stat_statements"),
    ("track_io_timing", "on"),
    ("track_functions", "all"),
    ("autovacuum_naptime", "15s"),
    ("checkpoint_timeout", "5min"),
    ("min_wal_size", "32MB"),
    ("max_wal_size", "128MB"),
    // A replica that has died must not fill the disk.
    ("max_slot_wal_keep_size", "512MB"),
];

const EXTENSIONS: [&str; 3] = ["pg_stat_statements", "pg_buffercache", "pgstattuple"];

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The major to show, else the newest one at hand.
    pub major: Option<u16>,
    /// A third server that follows the replica.
    pub cascade: bool,
    /// Whether the shop goes without the incidents that make a demo worth watching.
    pub healthy: bool,
}

/// A running demo; dropping it stops and removes everything.
#[derive(Debug)]
pub struct Demo {
    // In the order in which they go: nobody misses what it depends on.
    _workload: Workload,
    pub cascade: Option<Cluster>,
    pub replica: Cluster,
    pub primary: Cluster,
}

impl Demo {
    pub async fn start(options: Options) -> Result<Self> {
        let mut builder = Cluster::builder().logged();
        for (name, value) in SETTINGS {
            builder = builder.setting(name, value);
        }
        if let Some(major) = options.major {
            builder = builder.major(major);
        }
        let primary = builder.start().await?;
        primary.create_monitor().await?;
        Workload::create(&primary).await?;
        for database in ["postgres", DATABASE] {
            primary.create_extensions(database, &EXTENSIONS).await?;
        }
        let replica = primary.replica_with("replica", &[("hot_standby_feedback", "on")]).await?;
        let cascade = match options.cascade {
            true => Some(replica.replica("cascade").await?),
            false => None,
        };
        let workload = match options.healthy {
            true => Workload::healthy(&primary, &replica),
            false => Workload::start(&primary, &replica),
        };
        Ok(Self { _workload: workload, cascade, replica, primary })
    }

    pub fn servers(&self) -> impl Iterator<Item = &Cluster> {
        [&self.primary, &self.replica].into_iter().chain(&self.cascade)
    }

    pub fn targets(&self) -> Vec<Target> {
        self.servers().map(|server| server.target(DATABASE)).collect()
    }
}
