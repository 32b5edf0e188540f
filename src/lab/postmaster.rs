//! Starting a cluster's server, stopping it, and hurting it.
//!
//! `postgres` is our direct child, so that we signal the process that we
//! started and no other.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tokio::time;

use super::cluster::{free_port, is_free};
use super::user::output;
use super::{Cluster, Error, Result, io_error};

/// How long a server may take to start or to stop before that is an error.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// Between two looks at whether a server has started or stopped.
const LOOK: Duration = Duration::from_millis(10);

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

impl Cluster {
    /// The postmaster's process id.
    pub fn pid(&self) -> Result<i32> {
        match &self.postmaster {
            Some(child) => Ok(child.id().cast_signed()),
            None => Err(Error::Stopped(self.name.clone())),
        }
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
            } else if first && !is_free(self.port) {
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
                let log = format!("{}\n{}", tail(&path, begin), self.collected()).trim().to_owned();
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

    /// The end of the logging collector's newest file, where there is one: it has
    /// the last words of a server that died.
    fn collected(&self) -> String {
        let files = fs::read_dir(self.logs()).into_iter().flatten().flatten();
        let newest = files.max_by_key(|file| file.metadata().and_then(|m| m.modified()).ok());
        newest.map(|file| tail(&file.path(), 0)).unwrap_or_default()
    }

    pub(super) fn late(&self, what: &str, limit: Duration) -> Error {
        let (server, what) = (self.name.clone(), what.to_owned());
        Error::Late {
            server,
            what,
            limit,
            log: format!("{}\n{}", tail(&self.log(), 0), self.collected()),
        }
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

    /// Makes sure that a server that went down by itself is down.
    pub async fn ended(&mut self) -> Result<()> {
        let begun = Instant::now();
        while self.exited()?.is_none() && self.postmaster.is_some() {
            // It may also have come back.
            if begun.elapsed() > Duration::from_secs(5) {
                return self.stop(StopMode::Immediate).await;
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

    /// Signals a process of this server by the signal's name. Frozen by `STOP`, a
    /// backend keeps its locks and answers nobody until `CONT`; with
    /// [`pid`](Self::pid) it is new connections that get no answer.
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

/// The last lines of a log after this position: what to show with an error.
pub(super) fn tail(path: &Path, begin: u64) -> String {
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::super::Binaries;
    use super::*;

    #[tokio::test]
    async fn a_port_that_somebody_took_meanwhile_is_left_to_them() {
        let binaries = Binaries::find(None).await.unwrap();
        let mut cluster = Cluster::new("primary", binaries).unwrap();
        cluster.initdb(&[]).unwrap();
        let taken = cluster.port();
        let somebody = TcpListener::bind((Ipv4Addr::LOCALHOST, taken)).unwrap();
        cluster.start().await.unwrap();
        assert_ne!(cluster.port(), taken);
        assert_eq!(cluster.value::<i32>("select 1").await.unwrap(), 1);
        drop(somebody);
    }

    #[test]
    fn a_tail_is_the_end_of_what_was_written_since() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"old\nnew\n").unwrap();
        assert_eq!(tail(file.path(), 4), "new");
        assert_eq!(tail(file.path(), 0), "old\nnew");
        assert_eq!(tail(file.path(), 9000), "");
    }
}
