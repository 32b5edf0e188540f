//! A throwaway PgBouncer in front of a server of the lab.
//!
//! It is not downloaded: there are no builds of it that run everywhere, and
//! every distribution has a package.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::cluster::free_port;
use super::guard::Guard;
use super::postmaster::tail;
use super::session::APPLICATION;
use super::user::User;
use super::{Cluster, Error, Result, io_error};

/// Names the program, for one that is in no usual place.
const VARIABLE: &str = "PGLENS_PGBOUNCER";

/// Where packages put it that belongs to the system, which users' PATH may lack.
const USUAL: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

const PID_FILE: &str = "pgbouncer.pid";

const LIMIT: Duration = Duration::from_secs(20);

/// A PgBouncer in a folder of its own; both are gone when this is dropped.
#[derive(Debug)]
pub struct PgBouncer {
    program: OsString,
    user: User,
    port: u16,
    process: Child,
    _guard: Guard,
    home: TempDir,
}

impl PgBouncer {
    /// The one on this machine, in transaction mode, open to everybody who comes from
    /// here, with more settings for its `[pgbouncer]` section.
    pub async fn before(server: &Cluster, settings: &[(&str, &str)]) -> Result<Self> {
        Self::of(Self::installed(), server, settings).await
    }

    /// The program that is meant when nothing else is said.
    pub fn installed() -> OsString {
        if let Some(named) = std::env::var_os(VARIABLE) {
            return named;
        }
        let usual = USUAL.iter().map(|folder| PathBuf::from(folder).join("pgbouncer"));
        let found = usual.into_iter().find(|path| path.is_file());
        found.map_or_else(|| "pgbouncer".into(), PathBuf::into_os_string)
    }

    /// The same, of this program.
    pub async fn of(
        program: OsString,
        server: &Cluster,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let (user, port) = (User::detect()?, free_port()?);
        let home = tempfile::Builder::new()
            .prefix("pglens-pgbouncer-")
            .tempdir()
            .map_err(io_error("create a folder in", std::env::temp_dir()))?;
        let path = |name: &str| home.path().join(name);
        let write = |name: &str, text: &str| {
            fs::write(path(name), text).map_err(io_error("write", path(name)))
        };
        let more: String =
            settings.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        write("users.txt", "\"pglens\" \"\"\n\"postgres\" \"\"\n")?;
        write(
            "pgbouncer.ini",
            &format!(
                "[databases]\n\
                 postgres = host=127.0.0.1 port={server}\n\
                 * = host=127.0.0.1 port={server}\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 pidfile = {}\nauth_type = trust\nauth_file = {}\npool_mode = transaction\n\
                 admin_users = postgres\nstats_users = pglens\n\
                 server_login_retry = 1\n{more}",
                path(PID_FILE).display(),
                path("users.txt").display(),
                server = server.port(),
            ),
        )?;
        user.own(home.path())?;
        let guard = Guard::over(home.path(), PID_FILE, user)?;
        let process = launch(&program, user, &home)?;
        let mut bouncer = Self { program, user, port, process, _guard: guard, home };
        bouncer.listens().await?;
        Ok(bouncer)
    }

    async fn listens(&mut self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_err() {
            let ended = self.process.try_wait().map_err(io_error("wait for", "PgBouncer"))?;
            if ended.is_some() || begun.elapsed() > LIMIT {
                let log = tail(&log(&self.home), 0);
                return Err(Error::PgBouncerSilent { ended, log });
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Ends it, with every connection that it holds.
    pub fn stop(&mut self) -> Result<()> {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        ended.map(drop).map_err(io_error("end", "PgBouncer"))
    }

    /// Starts it again, on the same port.
    pub async fn start(&mut self) -> Result<()> {
        // A file of the one that was killed keeps the next one from starting.
        let pid_file = self.home.path().join(PID_FILE);
        fs::remove_file(&pid_file).map_err(io_error("remove", &pid_file))?;
        self.process = launch(&self.program, self.user, &self.home)?;
        self.listens().await
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

    /// A superuser's session through it in the database `postgres`, still to be opened.
    pub fn client(&self) -> PgConnectOptions {
        self.options("postgres")
    }

    /// Has it do what its console knows: PAUSE, RESUME, RELOAD.
    pub async fn command(&self, command: &str) -> Result<()> {
        let mut console = self.options("pgbouncer").connect().await?;
        let done = sqlx::raw_sql(AssertSqlSafe(command)).execute(&mut console).await;
        console.close().await?;
        done?;
        Ok(())
    }

    fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username("postgres")
            .database(database)
            .ssl_mode(PgSslMode::Disable)
            .application_name(APPLICATION)
            // It refuses startup parameters that it does not know.
            .extra_float_digits(None)
            .disable_statement_logging()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(%error, "cannot end PgBouncer");
        }
    }
}

fn launch(program: &OsString, user: User, home: &TempDir) -> Result<Child> {
    let path = log(home);
    let log = File::create(&path).map_err(io_error("create", &path))?;
    user.command(program)
        .arg("--quiet")
        .arg(home.path().join("pgbouncer.ini"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|source| Error::NoPgBouncer { program: program.clone(), source })
}

/// What it says before it has read its configuration, and from then on.
fn log(home: &TempDir) -> PathBuf {
    home.path().join("log")
}
