//! How a server is reached: libpq's words turned into sqlx's, anew for every
//! connection, so that a password that was rotated is used from the next one on.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::failure::{Failure, Reason};
use crate::dsn::{Dsn, Environment, Host, Source, SslMode};

/// How we call ourselves in `pg_stat_activity`.
pub const APPLICATION_NAME: &str = "pglens";

#[derive(Clone)]
pub struct Endpoint {
    source: Source,
    environment: Arc<Environment>,
}

impl Endpoint {
    pub fn new(source: Source, environment: Arc<Environment>) -> Self {
        Self { source, environment }
    }

    /// What the source means now, without secrets when it is shown.
    pub fn dsn(&self) -> Result<Dsn, Failure> {
        self.source
            .dsn(&self.environment)
            .map_err(|error| Failure::new(Reason::Configuration, error.to_string()))
    }

    /// Options for a connection to `database`, or to the configured one.
    pub fn options(&self, database: Option<&str>) -> Result<PgConnectOptions, Failure> {
        let dsn = self.dsn()?;
        let options = PgConnectOptions::new_without_pgpass()
            .port(dsn.port)
            .username(&dsn.user)
            .database(database.unwrap_or(&dsn.dbname))
            .application_name(dsn.application_name.as_deref().unwrap_or(APPLICATION_NAME))
            .options(dsn.options.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .ssl_mode(match dsn.tls.mode {
                SslMode::Disable => PgSslMode::Disable,
                // sqlx never tries TLS for `allow`; `prefer` does, and falls back as well.
                SslMode::Allow | SslMode::Prefer => PgSslMode::Prefer,
                SslMode::Require => PgSslMode::Require,
                SslMode::VerifyCa => PgSslMode::VerifyCa,
                SslMode::VerifyFull => PgSslMode::VerifyFull,
            });
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
            Ok(Some(password)) => Ok(options.password(password.expose())),
            Ok(None) => Ok(options),
            // The server may let us in without; if not, this line says why.
            Err(ignored) => {
                tracing::warn!(%ignored, "password file left aside");
                Ok(options)
            }
        }
    }
}
