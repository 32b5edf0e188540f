//! Throwaway PostgreSQL servers: the demo, the lab's incidents and every
//! test with a database run on them.
//!
//! [`binaries`] finds or downloads a server, a [`Cluster`] runs one in a folder
//! of its own, [`Cluster::replica`] hangs a standby below it, a [`PgBouncer`] stands in
//! front of one, and [`demo`] puts a primary, a standby and a [`workload`] together. [`scenarios`] are the incidents,
//! each played on a [`Stage`] and seen in its [`figures`]. What is started here listens
//! on 127.0.0.1 only, trusts everybody who comes from there, and is gone with
//! its folder when its [`Cluster`] is dropped or our process ends, however it
//! ends.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use std::{io, process};

use crate::catalog::Software;

pub mod binaries;
pub mod cluster;
pub mod demo;
mod download;
pub mod figures;
mod files;
mod guard;
mod markdown;
mod network;
mod patroni;
mod pgbouncer;
mod postmaster;
mod replica;
mod scenario;
pub mod scenarios;
mod session;
mod sessions;
mod stage;
mod user;
pub mod workload;

pub use binaries::{Binaries, MAJORS};
pub use cluster::{Builder, Cluster};
pub use demo::Demo;
pub use markdown::markdown;
pub use network::Network;
pub use patroni::Patroni;
pub use pgbouncer::PgBouncer;
pub use postmaster::StopMode;
pub use scenario::{Exporter, Move, Part, Replica, Scenario, Servers, To};
pub use stage::Stage;

/// Longer than a throwaway server needs for anything.
const SOON: Duration = Duration::from_secs(60);

/// What of the lab is to be watched, by the role that watches.
pub struct Target {
    pub name: String,
    pub dsn: String,
    pub software: Software,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the lab could not do what it was asked for, said to the person who
/// runs the demo or reads a failed test.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "PostgreSQL {major} is not on this machine and downloading it failed: {reason}. \
         Install it together with its contrib modules (on Debian postgresql-{major}, \
         on Fedora postgresql{major}-server and -contrib, with Homebrew postgresql@{major}), \
         or name the folder of its programs in PGLENS_POSTGRES_{major}"
    )]
    NoBinaries { major: u16, reason: String },

    #[error("the lab runs PostgreSQL {} to {}, not {major}", MAJORS.start(), MAJORS.end())]
    UnknownMajor { major: u16 },

    #[error(
        "cannot start PgBouncer ({}): {source}. Install it (on Debian and Fedora the package \
         pgbouncer), or name the program in PGLENS_PGBOUNCER",
        program.display()
    )]
    NoPgBouncer { program: OsString, source: io::Error },

    #[error(
        "cannot find or start {program}: {source}. Install Patroni, etcd and PostgreSQL (on \
         Debian the packages patroni, etcd-server and postgresql)"
    )]
    NoPatroni { program: &'static str, source: io::Error },

    #[error(
        "PgBouncer does not listen{}; its log says:\n{log}",
        ended.map_or_else(String::new, |status| format!(": it ended ({status})"))
    )]
    PgBouncerSilent { ended: Option<process::ExitStatus>, log: String },

    #[error("{} is no server for the lab: {reason}", dir.display())]
    Unusable { dir: PathBuf, reason: String },

    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },

    #[error("cannot run {program}: {source}")]
    Spawn { program: String, source: io::Error },

    #[error("{program} failed ({status}): {output}")]
    Failed { program: String, status: process::ExitStatus, output: String },

    #[error("server \"{server}\" ended ({status}) instead of starting; its log says:\n{log}")]
    Died { server: String, status: process::ExitStatus, log: String },

    #[error("server \"{server}\" did not {what} within {limit:?}; its log says:\n{log}")]
    Late { server: String, what: String, limit: Duration, log: String },

    #[error("server \"{0}\" is not running")]
    Stopped(String),

    #[error("\"{0}\" cannot name a replica: use lower-case letters, digits and underscores")]
    BadName(String),

    #[error("this scenario has no {0}, though it uses one")]
    NotOnStage(&'static str),

    #[error("{scenario} needs PostgreSQL {since} or newer")]
    NotBefore { scenario: &'static str, since: u16 },

    #[error("found no free port between {} and {}", cluster::PORTS.start, cluster::PORTS.end)]
    NoPort,

    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

/// Turns an I/O error into ours, with what we did to which file.
fn io_error(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
    let path = path.into();
    move |source| Error::Io { action, path, source }
}
