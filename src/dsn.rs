//! libpq's connection grammar: which server, as whom, and how safely.
//!
//! A [`Source`] is what the configuration says; a [`Dsn`] is what it means at
//! this moment. [`Source::dsns`] and [`Dsn::password`] read files (service file,
//! password file, `*_FILE`) and are meant to be called for every connection,
//! so that a rotated secret is used from the next one on.
//!
//! We parse for ourselves because sqlx reads URLs only, drops what it does not
//! know with a warning that prints its value, and does not do what libpq does
//! with `sslmode=require` and a root certificate.

mod conninfo;
mod data_source;
mod environment;
mod error;
mod files;
mod keywords;
mod options;
mod parameters;
mod passfile;
mod resolve;
mod secret;
mod service;
mod session_attrs;
mod source;
mod text;
mod tls;
mod url;

#[cfg(test)]
mod leaks;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use data_source::from_environment;
pub use environment::Environment;
pub use error::{Error, Origin, Unknown};
pub use files::{FileProblem, secret as secret_file};
pub use passfile::PassfileIgnored;
pub use secret::Secret;
pub use session_attrs::SessionAttrs;
pub use source::Source;
pub use tls::{SslMode, Tls};

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name or an address, without brackets.
    Tcp(String),
    /// The directory of a Unix-domain socket.
    Socket(PathBuf),
}

/// A connection with every default filled in. Its `Display` is for logs, and
/// neither that nor its `Debug` shows a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dsn {
    pub host: Host,
    pub port: u16,
    pub dbname: String,
    pub user: String,
    pub tls: Tls,
    /// Whether this host is meant, where several are named.
    pub session_attrs: SessionAttrs,
    pub application_name: Option<String>,
    /// None waits for as long as the caller does.
    pub connect_timeout: Option<Duration>,
    /// Server settings from `options`, in order.
    pub options: Vec<(String, String)>,
    password: Option<Secret>,
    passfile: Option<PathBuf>,
    /// What a password file calls the host.
    passfile_host: String,
}

impl Dsn {
    /// The password that was given, or the password file's as it is now.
    ///
    /// The error is a warning to log: the file was left aside, there is no
    /// password, and the server may yet do without one.
    pub fn password(&self) -> Result<Option<Secret>, PassfileIgnored> {
        match (&self.password, &self.passfile) {
            (Some(password), _) => Ok(Some(password.clone())),
            (None, Some(path)) => passfile::look_up(path, &self.wanted()),
            (None, None) => Ok(None),
        }
    }

    fn wanted(&self) -> passfile::Wanted<'_> {
        passfile::Wanted {
            host: &self.passfile_host,
            port: self.port,
            dbname: &self.dbname,
            user: &self.user,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(name) if name.contains(':') => write!(out, "[{name}]"),
            Self::Tcp(name) => out.write_str(name),
            Self::Socket(directory) => write!(out, "{}", OneLine(&directory.to_string_lossy())),
        }
    }
}

impl fmt::Display for Dsn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls, .. } = self;
        let (user, dbname) = (OneLine(&self.user), OneLine(&self.dbname));
        write!(out, "{user}@{host}:{port}/{dbname} sslmode={}", tls.mode)
    }
}

/// Text with its control characters escaped, so that a name cannot forge a
/// line of the log.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter.is_control() {
                true => write!(out, "{}", letter.escape_default())?,
                false => write!(out, "{letter}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::environment::environment;
    use super::*;

    fn dsn(text: &str) -> Dsn {
        Source::parse(text).unwrap().dsn(&environment(&[])).unwrap()
    }

    #[test]
    fn the_log_form_has_no_secrets_and_one_line() {
        for (text, shown) in [
            ("postgres://me:pw@db:5433/app", "me@db:5433/app sslmode=prefer"),
            ("host=::1 sslmode=verify-full", "os@[::1]:5432/os sslmode=verify-full"),
            ("host=/tmp password=pw user='a b'", "a b@/tmp:5432/a b sslmode=disable"),
            ("user='a\nERROR' dbname=d", "a\\nERROR@localhost:5432/d sslmode=prefer"),
        ] {
            assert_eq!(dsn(text).to_string(), shown);
        }
    }

    #[test]
    fn the_password_is_the_one_given_and_else_the_files_as_it_is_now() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pgpass");
        let text = format!("host=db user=me dbname=app passfile={}", path.display());
        let dsn = |more: &str| dsn(&format!("{text} {more}"));
        let secret = |text: &str| Ok(Some(Secret::new(text)));

        assert_eq!(dsn("").password(), Ok(None));
        passfile::private(
            &path,
            "db:5432:app:me:first\nlocalhost:*:*:*:local\n/tmp:*:*:*:socket\n",
        );
        assert_eq!(dsn("").password(), secret("first"));
        assert_eq!(dsn("password=given").password(), secret("given"));
        assert_eq!(dsn("password=''").password(), secret("first"));
        assert_eq!(dsn("hostaddr=127.0.0.1").password(), secret("first"));
        assert_eq!(dsn("host='' hostaddr=::1").password(), Ok(None));
        assert_eq!(dsn("host=/tmp").password(), secret("socket"));
        assert_eq!(dsn("host=/var/run/postgresql").password(), secret("local"));

        let kept = dsn("");
        passfile::private(&path, "db:5432:app:me:second\n");
        assert_eq!(kept.password(), secret("second"));
    }
}
