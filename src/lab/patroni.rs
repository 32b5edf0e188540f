//! A throwaway Patroni cluster, with an etcd of its own.
//!
//! Like PgBouncer it is not downloaded: every distribution has packages of Patroni,
//! etcd and of a whole PostgreSQL, of which Patroni wants programs that the lab's own
//! servers come without.

use std::fs;
use std::net::Ipv4Addr;
use std::process::{Child, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::cluster::free_port;
use super::user::User;
use super::{Binaries, Cluster, Error, Result, io_error};

/// Patroni bootstraps in seconds; a machine under load takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// What Patroni copies a standby with, and so where its programs are.
const COPIES: &str = "pg_basebackup";

/// Members of one cluster, the first of which was its first leader.
#[derive(Debug)]
pub struct Patroni {
    scope: String,
    etcd: Child,
    etcd_port: u16,
    binaries: Binaries,
    members: Vec<Member>,
    _home: TempDir,
}

#[derive(Debug)]
struct Member {
    /// Its folder and port; its server is Patroni's.
    server: Cluster,
    rest: u16,
    patroni: Child,
}

impl Patroni {
    /// A cluster of one member.
    pub async fn start(scope: &str, name: &str) -> Result<Self> {
        let (user, binaries) = (User::detect()?, whole()?);
        let home = tempfile::Builder::new()
            .prefix("pglens-etcd-")
            .tempdir()
            .map_err(io_error("create a folder in", std::env::temp_dir()))?;
        user.own(home.path())?;
        let (client, peer) = (free_port()?, free_port()?);
        let url = |port| format!("http://127.0.0.1:{port}");
        let etcd = user
            .command("etcd")
            .arg("--data-dir")
            .arg(home.path().join("data"))
            .args(["--unsafe-no-fsync", "--initial-cluster", &format!("default={}", url(peer))])
            .args(["--listen-client-urls", &url(client), "--advertise-client-urls", &url(client)])
            .args(["--listen-peer-urls", &url(peer), "--initial-advertise-peer-urls", &url(peer)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| Error::NoPatroni { program: "etcd", source })?;
        let scope = scope.to_owned();
        let mut cluster =
            Self { scope, etcd, etcd_port: client, binaries, members: Vec::new(), _home: home };
        cluster.join(name).await?;
        Ok(cluster)
    }

    /// One more member; returns when its server is what it shall be.
    pub async fn join(&mut self, name: &str) -> Result<()> {
        let (user, rest) = (User::detect()?, free_port()?);
        let server = Cluster::new(name, self.binaries.clone())?;
        let path = server.socket_dir().join("patroni.yml");
        let text = self.configuration(&server, rest);
        fs::write(&path, text).map_err(io_error("write", &path))?;
        user.own(server.socket_dir())?;
        let log = fs::File::create(server.log()).map_err(io_error("open", server.log()))?;
        let patroni = user
            .command("patroni")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|source| Error::NoPatroni { program: "patroni", source })?;
        self.members.push(Member { server, rest, patroni });
        let role = match self.members.len() {
            1 => "select not pg_is_in_recovery()",
            _ => "select exists (select from pg_stat_wal_receiver where status = 'streaming')",
        };
        self.until(self.members.len() - 1, role).await
    }

    /// Waits until a member's server says yes.
    async fn until(&self, member: usize, condition: &str) -> Result<()> {
        let server = self.server(member);
        let began = Instant::now();
        while !matches!(server.value::<bool>(condition).await, Ok(true)) {
            if began.elapsed() > LIMIT {
                let log = fs::read_to_string(server.log()).unwrap_or_default();
                let (server, what) = (server.name().to_owned(), "come up".to_owned());
                return Err(Error::Late { server, what, limit: LIMIT, log });
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn configuration(&self, server: &Cluster, rest: u16) -> String {
        let (name, port, home) = (server.name(), server.port(), server.socket_dir().display());
        let (scope, etcd, data) = (&self.scope, self.etcd_port, server.data());
        let (bin, data) = (self.binaries.dir().display(), data.display());
        format!(
            "scope: {scope}\nname: {name}\n\
             restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}\n\
             etcd3: {{host: '127.0.0.1:{etcd}'}}\n\
             bootstrap:\n  dcs: {{ttl: 20, loop_wait: 1, retry_timeout: 3}}\n  initdb: [no-sync]\n\
             postgresql:\n  listen: 127.0.0.1:{port}\n  connect_address: 127.0.0.1:{port}\n  \
             data_dir: {data}\n  bin_dir: {bin}\n  pgpass: {home}/pgpass\n  \
             pg_hba: [local all all trust, host all all 127.0.0.1/32 trust, \
             host replication all 127.0.0.1/32 trust]\n  \
             authentication:\n    superuser: {{username: postgres}}\n    \
             replication: {{username: postgres}}\n  \
             parameters: {{unix_socket_directories: '{home}', fsync: 'off', \
             wal_retrieve_retry_interval: 200ms}}\n"
        )
    }

    pub fn server(&self, member: usize) -> &Cluster {
        &self.members[member].server
    }

    /// Where a member answers over HTTP.
    pub fn address(&self, member: usize) -> String {
        format!("http://127.0.0.1:{}", self.members[member].rest)
    }

    /// Makes another member the leader, and returns when it is.
    pub async fn switch_over(&self, from: usize, to: usize) -> Result<()> {
        let name = |member| self.server(member).name();
        let wish = format!(r#"{{"leader": "{}", "candidate": "{}"}}"#, name(from), name(to));
        let request =
            format!("POST /switchover HTTP/1.0\r\nContent-Length: {}\r\n\r\n{wish}", wish.len());
        let said = async {
            let address = (Ipv4Addr::LOCALHOST, self.members[from].rest);
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await
        };
        said.await.map_err(io_error("ask", "Patroni"))?;
        self.until(to, "select not pg_is_in_recovery()").await
    }

    /// Signals what answers about the cluster, and not its servers: frozen by `STOP`,
    /// nobody answers until `CONT`.
    pub fn signal_all(&self, signal: &str) -> Result<()> {
        for Member { server, patroni, .. } in &self.members {
            server.signal(patroni.id().cast_signed(), signal)?;
        }
        Ok(())
    }

    /// The host of a member is gone, with Patroni and its server.
    pub fn lose(&mut self, member: usize) -> Result<()> {
        self.members[member].end()
    }
}

impl Member {
    fn end(&mut self) -> Result<()> {
        // Patroni first: it would start its server again.
        let ended = self.patroni.kill().and_then(|()| self.patroni.wait());
        ended.map_err(io_error("kill", "patroni"))?;
        let path = self.server.data().join("postmaster.pid");
        let pid = fs::read_to_string(&path).unwrap_or_default();
        let pid = pid.lines().next().and_then(|line| line.parse().ok());
        pid.map_or(Ok(()), |pid| self.server.signal(pid, "QUIT"))
    }
}

impl Drop for Patroni {
    fn drop(&mut self) {
        for member in &mut self.members {
            if let Err(error) = member.end() {
                tracing::warn!(%error, "cannot end a member of Patroni");
            }
        }
        if let Err(error) = self.etcd.kill().and_then(|()| self.etcd.wait()) {
            tracing::warn!(%error, "cannot end etcd");
        }
    }
}

/// A distribution's PostgreSQL, the newest one.
fn whole() -> Result<Binaries> {
    let user = User::detect()?;
    let mut folders: Vec<_> = super::MAJORS
        .map(|major| format!("/usr/lib/postgresql/{major}/bin").into())
        .chain(["/usr/pgsql/bin".into(), "/usr/bin".into()])
        .filter(|folder: &std::path::PathBuf| folder.join(COPIES).is_file())
        .collect();
    folders.reverse();
    folders.iter().find_map(|folder| Binaries::inspect(folder, user).ok()).ok_or_else(|| {
        Error::NoPatroni { program: COPIES, source: std::io::ErrorKind::NotFound.into() }
    })
}
