//! How a server is reached: libpq's words turned into sqlx's, anew for every
//! connection, so that a password that was rotated is used from the next one on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::console::Console;
use super::failure::{Failure, Reason};
use super::session::Session;
use crate::catalog::Requirement;
use crate::dsn::{Dsn, Environment, Host, SessionAttrs, Source, SslMode};

/// How we call ourselves in `pg_stat_activity`.
pub const APPLICATION_NAME: &str = "pglens";

/// An open session, and on which host it is.
pub struct Connected {
    pub session: Session,
    pub host: usize,
    pub wanted: SessionAttrs,
}

impl Connected {
    /// Whether the server is still what was asked for: a standby is promoted
    /// without closing its connections.
    pub fn is_wanted(&self) -> bool {
        self.wanted.is_wish() || self.wanted.accept(self.session.facts().in_recovery)
    }
}

pub struct Endpoint {
    source: Source,
    environment: Arc<Environment>,
    /// The cluster that is meant, where one is known.
    system_identifier: Option<String>,
    /// Which of several hosts was chosen last; all connections go to the same one.
    chosen: AtomicUsize,
}

impl Endpoint {
    pub fn new(source: Source, environment: Arc<Environment>) -> Self {
        Self { source, environment, system_identifier: None, chosen: AtomicUsize::new(0) }
    }

    /// The same, which refuses a server of another cluster: an address that was found
    /// may be another server's.
    #[must_use]
    pub fn of_cluster(self, system_identifier: Option<String>) -> Self {
        Self { system_identifier, ..self }
    }

    /// What the source means now, without secrets when it is shown.
    pub fn dsns(&self) -> Result<Vec<Dsn>, Failure> {
        self.source
            .dsns(&self.environment)
            .map_err(|error| Failure::new(Reason::Configuration, error.to_string()))
    }

    /// The host that is connected to, by its position.
    pub fn chosen(&self) -> usize {
        self.chosen.load(Ordering::Relaxed)
    }

    /// The connection string of the chosen host.
    pub fn dsn(&self) -> Result<Dsn, Failure> {
        let mut dsns = self.dsns()?;
        let position = self.chosen().min(dsns.len() - 1);
        Ok(dsns.swap_remove(position))
    }

    /// Connects to the first host that takes us and is what `target_session_attrs`
    /// asks for, and chooses it for all connections to come.
    pub async fn choose(&self, requirements: &[Requirement]) -> Result<Connected, Failure> {
        let dsns = self.dsns()?;
        let mut failed = None;
        let mut second_best = None;
        for (position, dsn) in dsns.iter().enumerate() {
            match self.session(dsn, None, requirements).await {
                Ok(session) if dsn.session_attrs.accept(session.facts().in_recovery) => {
                    return Ok(self.chose(position, dsn, session));
                }
                Ok(session) if dsn.session_attrs.is_wish() && second_best.is_none() => {
                    second_best = Some((position, dsn, session));
                }
                Ok(session) => {
                    session.close().await;
                    failed.get_or_insert(Failure::new(
                        Reason::Role,
                        "no host is in the role that target_session_attrs asks for".to_owned(),
                    ));
                }
                Err(failure) => failed = Some(failure),
            }
        }
        match (second_best, failed) {
            (Some((position, dsn, session)), _) => Ok(self.chose(position, dsn, session)),
            (None, Some(failure)) => Err(failure),
            (None, None) => Err(Failure::new(Reason::Configuration, "no host".to_owned())),
        }
    }

    /// Connects to `database`, or to the configured one, on the chosen host.
    pub async fn open(
        &self,
        database: Option<&str>,
        requirements: &[Requirement],
    ) -> Result<Connected, Failure> {
        let host = self.chosen();
        let dsn = self.dsn()?;
        let session = self.session(&dsn, database, requirements).await?;
        Ok(Connected { session, host, wanted: dsn.session_attrs })
    }

    async fn session(
        &self,
        dsn: &Dsn,
        database: Option<&str>,
        requirements: &[Requirement],
    ) -> Result<Session, Failure> {
        let session = Session::open(&options(dsn, database), requirements).await?;
        let found = session.facts().system_identifier.clone();
        match (&self.system_identifier, found) {
            (Some(meant), Some(found)) if *meant != found => {
                session.close().await;
                let text = format!(
                    "a server of another cluster answers there: its system identifier is {found} \
                     and not {meant}; say where this one listens"
                );
                Err(Failure::new(Reason::Configuration, text))
            }
            _ => Ok(session),
        }
    }

    /// Connects to PgBouncer's console.
    pub async fn console(&self) -> Result<Console, Failure> {
        Console::open(&options(&self.dsn()?, None)).await
    }

    fn chose(&self, host: usize, dsn: &Dsn, session: Session) -> Connected {
        self.chosen.store(host, Ordering::Relaxed);
        Connected { session, host, wanted: dsn.session_attrs }
    }
}

/// Options for a connection to `database`, or to the configured one.
fn options(dsn: &Dsn, database: Option<&str>) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .port(dsn.port)
        .username(&dsn.user)
        .database(database.unwrap_or(&dsn.dbname))
        .application_name(dsn.application_name.as_deref().unwrap_or(APPLICATION_NAME))
        .ssl_mode(match dsn.tls.mode {
            SslMode::Disable => PgSslMode::Disable,
            // sqlx never tries TLS for `allow`; `prefer` does, and falls back as well.
            SslMode::Allow | SslMode::Prefer => PgSslMode::Prefer,
            SslMode::Require => PgSslMode::Require,
            SslMode::VerifyCa => PgSslMode::VerifyCa,
            SslMode::VerifyFull => PgSslMode::VerifyFull,
        });
    // Even an empty list would be a startup parameter, and PgBouncer refuses it.
    let options = match dsn.options.as_slice() {
        [] => options,
        given => options.options(given.iter().map(|(name, value)| (name, value))),
    };
    let options = match &dsn.host {
        Host::Tcp(name) => options.host(name),
        Host::Socket(directory) => options.socket(directory),
    };
    let options = match &dsn.tls.root_cert {
        Some(path) => options.ssl_root_cert(path),
        None => options,
    };
    let options = match &dsn.tls.client {
        Some((certificate, key)) => options.ssl_client_cert(certificate).ssl_client_key(key),
        None => options,
    };
    match dsn.password() {
        Ok(Some(password)) => options.password(password.expose()),
        Ok(None) => options,
        // The server may let us in without; if not, this line says why.
        Err(ignored) => {
            tracing::warn!(%ignored, "password file left aside");
            options
        }
    }
}
