//! A throwaway PgBouncer in front of a server of the lab.
//!
//! It is not downloaded: there are no builds of it that run everywhere, and
//! every distribution has a package.

use std::ffi::OsString;
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::cluster::free_port;
use super::user::User;
use super::{Cluster, Error, Result, io_error};

/// Names the program, for one that is in no usual place.
const VARIABLE: &str = "PGLENS_PGBOUNCER";

/// Where packages put it that belongs to the system, which users' PATH may lack.
const USUAL: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

const LIMIT: Duration = Duration::from_secs(20);

/// A running PgBouncer; it ends when this is dropped.
#[derive(Debug)]
pub struct PgBouncer {
    process: Child,
    port: u16,
    _home: TempDir,
}

impl PgBouncer {
    /// In transaction mode, open to everybody who comes from here, with more lines
    /// for its `[pgbouncer]` section.
    pub async fn before(server: &Cluster, more: &str) -> Result<Self> {
        let (user, port) = (User::detect()?, free_port()?);
        let home = tempfile::Builder::new()
            .prefix("pglens-pgbouncer-")
            .tempdir()
            .map_err(io_error("create a folder in", std::env::temp_dir()))?;
        let (file, users) = (home.path().join("pgbouncer.ini"), home.path().join("users.txt"));
        let write = |path: &PathBuf, text: &str| {
            fs::write(path, text).map_err(io_error("write", path.clone()))
        };
        write(&users, "\"pglens\" \"\"\n\"postgres\" \"\"\n")?;
        write(
            &file,
            &format!(
                "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {}\n\
                 pool_mode = transaction\nadmin_users = postgres\nstats_users = pglens\n{more}\n",
                server.port(),
                users.display()
            ),
        )?;
        user.own(home.path())?;
        let program = program();
        let process = user
            .command(&program)
            .arg("--quiet")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| Error::NoPgBouncer { program: program.clone(), source })?;
        let mut bouncer = Self { process, port, _home: home };
        bouncer.wait().await?;
        Ok(bouncer)
    }

    async fn wait(&mut self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_err() {
            let ended = self.process.try_wait().map_err(io_error("wait for", "PgBouncer"))?;
            if ended.is_some() || begun.elapsed() > LIMIT {
                return Err(Error::PgBouncerSilent { ended });
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Through it, to a database of the server behind it.
    pub fn dsn_as(&self, role: &str, database: &str) -> String {
        format!("postgresql://{role}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// Its own console, for the role that watches.
    pub fn console(&self) -> String {
        self.dsn_as("pglens", "pgbouncer")
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait()) {
            tracing::warn!(%error, "cannot end PgBouncer");
        }
    }
}

fn program() -> OsString {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return named;
    }
    let usual = USUAL.iter().map(|folder| PathBuf::from(folder).join("pgbouncer"));
    let found = usual.into_iter().find(|path| path.is_file());
    found.map_or_else(|| "pgbouncer".into(), PathBuf::into_os_string)
}
