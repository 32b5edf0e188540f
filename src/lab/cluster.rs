//! One throwaway server in a folder of its own.
//!
//! `<temp>/pglens-XXXX/` holds `data`, the server's `log` and its socket, and
//! is removed when the [`Cluster`] is dropped. `postgres` is our direct child,
//! so that we signal the process that we started and no other.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use tempfile::TempDir;
use tokio::time;

use super::guard::Guard;
use super::user::{User, output};
use super::{Binaries, Error, Result, io_error};

/// Below every system's range for outgoing connections. From within that range
/// somebody else's connection could take the port of a server that is down, and
/// a client that knocks there could even be connected to itself.
pub(super) const PORTS: Range<u16> = 20_000..32_000;

/// How long a server may take to start or to stop before that is an error.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// Between two looks at whether a server has started or stopped.
const LOOK: Duration = Duration::from_millis(10);

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

/// How a server stops, by what it does to its clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StopMode {
    /// Waits until they have left.
    Smart,
    /// Throws them out, writes a checkpoint.
    Fast,
    /// Drops everything; recovery follows at the next start.
    Immediate,
}

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
    port: u16,
    postmaster: Option<Child>,
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
        let guard = Guard::over(home.path(), user)?;
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

    /// What the server writes to standard error, from its first start on.
    pub fn log(&self) -> PathBuf {
        self.home.path().join("log")
    }

    /// The postmaster's process id.
    pub fn pid(&self) -> Result<i32> {
        match &self.postmaster {
            Some(child) => Ok(child.id().cast_signed()),
            None => Err(Error::Stopped(self.name.clone())),
        }
    }

    fn initdb(&self, arguments: &[String]) -> Result<()> {
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
        let path = self.data().join("postgresql.conf");
        let mut file =
            OpenOptions::new().append(true).open(&path).map_err(io_error("open", &path))?;
        file.write_all(lines.as_bytes()).map_err(io_error("write", &path))
    }

    /// Starts the server unless it runs. It keeps its port once it has run.
    pub async fn start(&mut self) -> Result<()> {
        if self.exited()?.is_none() && self.postmaster.is_some() {
            return Ok(());
        }
        let first = !self.log().exists();
        for attempt in 1.. {
            let Err(error) = self.launch().await else { return Ok(()) };
            let Error::Died { log, .. } = &error else { return Err(error) };
            if attempt >= 20 {
                return Err(error);
            } else if first && log.contains("could not bind") {
                // Somebody took the port between our look and the server's.
                self.port = free_port()?;
            } else if log.contains("pre-existing shared memory block") {
                // The backends of a killed postmaster need a moment to notice.
                time::sleep(Duration::from_millis(100)).await;
            } else {
                return Err(error);
            }
        }
        Ok(())
    }

    /// One try to start. The server is up when its own file says so: unlike
    /// connecting, this leaves nothing in the log and cannot reach a stranger.
    async fn launch(&mut self) -> Result<()> {
        let path = self.log();
        let mut log = OpenOptions::new();
        let log = log.create(true).append(true).open(&path).map_err(io_error("open", &path))?;
        let begin = log.metadata().map_err(io_error("look at", &path))?.len();
        let both = log.try_clone().map_err(io_error("open", &path))?;
        let program = self.binaries.program("postgres");
        let child = self
            .user
            .command(&program)
            .arg("-D")
            .arg(self.data())
            // What differs between a server and its replica stands here, so
            // that the configuration can be copied as it is.
            .args(["-c", &format!("port={}", self.port)])
            .args(["-c", &format!("unix_socket_directories=\"{}\"", self.socket_dir().display())])
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(both)
            .spawn()
            .map_err(|source| Error::Spawn { program: program.display().to_string(), source })?;
        self.postmaster = Some(child);
        let pid = self.pid()?;
        let begun = Instant::now();
        while !self.says_ready(pid) {
            if let Some(status) = self.exited()? {
                let log = tail(&path, begin);
                return Err(Error::Died { server: self.name.clone(), status, log });
            }
            if begun.elapsed() > LIMIT {
                return Err(self.late("accept connections", LIMIT));
            }
            time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Line 1 of postmaster.pid is the process, line 8 its state; a standby is
    /// "ready" when it can be read from.
    fn says_ready(&self, pid: i32) -> bool {
        let Ok(text) = fs::read_to_string(self.data().join("postmaster.pid")) else { return false };
        let line = |number| text.lines().nth(number).map(str::trim);
        line(0) == Some(pid.to_string().as_str()) && line(7) == Some("ready")
    }

    pub(super) fn late(&self, what: &str, limit: Duration) -> Error {
        let (server, what) = (self.name.clone(), what.to_owned());
        Error::Late { server, what, limit, log: tail(&self.log(), 0) }
    }

    /// The postmaster's exit status, once it has ended.
    fn exited(&mut self) -> Result<Option<ExitStatus>> {
        let Some(child) = &mut self.postmaster else { return Ok(None) };
        let status = child.try_wait().map_err(io_error("wait for", "postgres"))?;
        if status.is_some() {
            self.postmaster = None;
        }
        Ok(status)
    }

    pub async fn stop(&mut self, mode: StopMode) -> Result<()> {
        let signal = match mode {
            StopMode::Smart => "TERM",
            StopMode::Fast => "INT",
            StopMode::Immediate => "QUIT",
        };
        self.signal(self.pid()?, signal)?;
        let begun = Instant::now();
        while self.exited()?.is_none() {
            if begun.elapsed() > LIMIT {
                return Err(self.late("stop", LIMIT));
            }
            time::sleep(LOOK).await;
        }
        Ok(())
    }

    pub async fn restart(&mut self, mode: StopMode) -> Result<()> {
        self.stop(mode).await?;
        self.start().await
    }

    /// `kill -9` of the postmaster: what the kernel does when memory runs out.
    pub fn crash(&mut self) -> Result<()> {
        self.pid()?;
        if let Some(mut child) = self.postmaster.take() {
            child.kill().and_then(|()| child.wait()).map_err(io_error("kill", "postgres"))?;
        }
        Ok(())
    }

    /// Signals a process of this server. Frozen by `STOP`, a backend keeps its
    /// locks and answers nobody until `CONT`; so does the whole server when the
    /// process is [`pid`](Self::pid).
    pub fn signal(&self, pid: i32, signal: &str) -> Result<()> {
        // The shell has `kill` built in, where slim images lack the program.
        let mut command = self.user.command("sh");
        command.args(["-c", r#"kill -s "$0" "$1""#, signal, &pid.to_string()]);
        let answer = output(&mut command)?;
        if answer.status.success() {
            return Ok(());
        }
        let output = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
        Err(Error::Failed { program: format!("kill -{signal}"), status: answer.status, output })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Ok(pid) = self.pid() else { return };
        // An immediate stop, not a kill: it takes the shared memory along.
        // CONT because a frozen postmaster hears nothing else.
        let asked = self.signal(pid, "QUIT").and_then(|()| self.signal(pid, "CONT"));
        // The postmaster itself kills frozen backends after 5 s.
        let begun = Instant::now();
        while asked.is_ok() && begun.elapsed() < Duration::from_secs(8) {
            if !matches!(self.exited(), Ok(None)) {
                return;
            }
            thread::sleep(LOOK);
        }
        if let Err(error) = self.crash() {
            tracing::warn!(%error, server = self.name, "cannot stop a server of the lab");
        }
    }
}

fn free_port() -> Result<u16> {
    (0..200)
        .map(|_| fastrand::u16(PORTS))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or(Error::NoPort)
}

/// The last lines of a log after this position: what to show with an error.
fn tail(path: &Path, begin: u64) -> String {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        let begin = begin.max(file.metadata()?.len().saturating_sub(4096));
        file.seek(SeekFrom::Start(begin))?;
        file.read_to_end(&mut text)
    });
    if let Err(error) = read {
        return format!("(cannot read {}: {error})", path.display());
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
