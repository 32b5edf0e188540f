//! One throwaway server in a folder of its own.
//!
//! `<temp>/pglens-XXXX/` holds `data`, the server's `log` and its socket, and
//! is removed when the [`Cluster`] is dropped. How it starts and ends is in
//! `postmaster.rs`, how to talk to it in `session.rs`, standbys in `replica.rs`.

use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Child;

use tempfile::TempDir;

use super::guard::Guard;
use super::user::{User, output};
use super::{Binaries, Error, Result, io_error};

/// Below every system's range for outgoing connections. From within that range
/// somebody else's connection could take the port of a server that is down, and
/// a client that knocks there could even be connected to itself.
pub(super) const PORTS: Range<u16> = 20_000..32_000;

/// What every cluster is set to: nothing here has to survive a power failure,
/// and several of them share a small machine.
const SETTINGS: [(&str, &str); 6] = [
    ("listen_addresses", "127.0.0.1"),
    ("fsync", "off"),
    ("shared_buffers", "16MB"),
    ("max_connections", "50"),
    // A standby whose upstream was away tries again at once, not after 5 s.
    ("wal_retrieve_retry_interval", "200ms"),
    ("cluster_name", "primary"),
];

/// What the lesson on log analysis wants of a server, in files of its own. `%e` is
/// ours: with it a text log says the SQLSTATE of each message.
const LOGGED: [(&str, &str); 11] = [
    ("logging_collector", "on"),
    ("log_line_prefix", "%m [%p] %e %q%u@%d "),
    ("log_min_duration_statement", "1s"),
    ("log_connections", "on"),
    ("log_disconnections", "on"),
    ("log_lock_waits", "on"),
    ("log_checkpoints", "on"),
    ("log_autovacuum_min_duration", "0"),
    ("log_temp_files", "0"),
    ("log_rotation_age", "1d"),
    ("log_rotation_size", "100MB"),
];

/// What a cluster shall be like; see [`Cluster::builder`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    major: Option<u16>,
    initdb: Vec<String>,
    settings: Vec<(String, String)>,
}

impl Builder {
    /// The major to run, else the newest one at hand.
    pub fn major(mut self, major: u16) -> Self {
        self.major = Some(major);
        self
    }

    /// A line of postgresql.conf. Replicas inherit it.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// A log as the lesson on log analysis wants it, in the server's own files.
    pub fn logged(mut self) -> Self {
        for (name, value) in LOGGED {
            self = self.setting(name, value);
        }
        self
    }

    /// One more argument for initdb, for example `--data-checksums`.
    pub fn initdb(mut self, argument: &str) -> Self {
        self.initdb.push(argument.into());
        self
    }

    /// Creates the cluster and starts it.
    pub async fn start(self) -> Result<Cluster> {
        let binaries = Binaries::find(self.major).await?;
        let mut cluster = Cluster::new("primary", binaries)?;
        cluster.initdb(&self.initdb)?;
        cluster.configure(&SETTINGS)?;
        for (name, value) in &self.settings {
            cluster.configure(&[(name, value)])?;
        }
        cluster.start().await?;
        Ok(cluster)
    }
}

/// A server, its data and its processes. Dropping it removes them all.
#[derive(Debug)]
pub struct Cluster {
    pub(super) name: String,
    pub(super) binaries: Binaries,
    pub(super) user: User,
    pub(super) port: u16,
    pub(super) postmaster: Option<Child>,
    /// Goes before the folder does: it would remove it too.
    _guard: Guard,
    home: TempDir,
}

impl Cluster {
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A folder without data, and nothing running yet.
    pub(super) fn new(name: &str, binaries: Binaries) -> Result<Self> {
        let user = User::detect()?;
        let home = tempfile::Builder::new()
            .prefix("pglens-")
            .tempdir()
            .map_err(io_error("create a folder in", env::temp_dir()))?;
        user.own(home.path())?;
        let guard = Guard::over(home.path(), "data/postmaster.pid", user)?;
        let port = free_port()?;
        let name = name.to_owned();
        Ok(Self { name, binaries, user, port, postmaster: None, _guard: guard, home })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn major(&self) -> u16 {
        self.binaries.major()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with the server's Unix socket.
    pub fn socket_dir(&self) -> &Path {
        self.home.path()
    }

    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// What the server writes to standard error, from its first start on. With a
    /// logging collector only its first lines are there, the rest is in [`logs`](Self::logs).
    pub fn log(&self) -> PathBuf {
        self.home.path().join("log")
    }

    /// The folder of the logging collector's files, where it runs.
    pub fn logs(&self) -> PathBuf {
        self.data().join("log")
    }

    pub(super) fn initdb(&self, arguments: &[String]) -> Result<()> {
        let mut command = self.user.command(self.binaries.program("initdb"));
        command.arg("-D").arg(self.data()).args(["--username=postgres", "--auth=trust"]);
        command.args(["--no-sync", "--encoding=UTF8", "--locale=C"]).args(arguments);
        let answer = output(&mut command)?;
        if answer.status.success() {
            return Ok(());
        }
        let output = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
        Err(Error::Failed { program: "initdb".into(), status: answer.status, output })
    }

    /// Appends lines to postgresql.conf, where the last one of a name counts.
    /// The server sees them when it starts or is told to reload.
    pub fn configure(&self, settings: &[(&str, &str)]) -> Result<()> {
        let lines: String = settings
            .iter()
            .map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")))
            .collect();
        self.append("postgresql.conf", &lines)
    }
}

pub(super) fn free_port() -> Result<u16> {
    (0..200).map(|_| fastrand::u16(PORTS)).find(|port| is_free(*port)).ok_or(Error::NoPort)
}

pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
