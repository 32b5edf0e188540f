//! Why a poll or a connection failed, as a closed list.
//!
//! The reason is a label and a branch for backoff, so it is found by SQLSTATE
//! and by the kind of error and never by the text, which the server localises.

use std::fmt;
use std::io;

use crate::rows::MissingColumn;
use crate::transform::TransformError;

/// What went wrong, in the words of the `reason` label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// What we were told about the server cannot be used.
    Configuration,
    /// Nobody listens there.
    Refused,
    /// No route, no such host, or no answer within the deadline.
    Unreachable,
    Tls,
    /// The server refuses our role or password.
    Authentication,
    TooManyConnections,
    /// The server is starting, stopping or crashed and recovers.
    Unavailable,
    /// The server is not in the role that `target_session_attrs` asks for.
    Role,
    /// The connection broke while it was in use.
    Disconnected,
    /// All connections that we allow ourselves are taken by ones that hang.
    Budget,
    /// The server did not answer in time and was not waited for any longer.
    Deadline,
    StatementTimeout,
    LockTimeout,
    /// A standby cancelled us so that replay could go on.
    RecoveryConflict,
    Permission,
    /// A view, column or function is not there: another version or a fork.
    Undefined,
    /// Out of memory, disk or another of the server's resources.
    Resources,
    /// Any other error of the server; its SQLSTATE says more.
    Server,
    /// The answer is not what the collector declares.
    Result,
    /// The server would have more series than it may.
    SeriesLimit,
    /// A defect of ours, caught.
    Panic,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Authentication => "authentication",
            Self::TooManyConnections => "too_many_connections",
            Self::Unavailable => "unavailable",
            Self::Role => "role",
            Self::Disconnected => "disconnected",
            Self::Budget => "connection_budget",
            Self::Deadline => "deadline",
            Self::StatementTimeout => "statement_timeout",
            Self::LockTimeout => "lock_timeout",
            Self::RecoveryConflict => "recovery_conflict",
            Self::Permission => "permission",
            Self::Undefined => "undefined",
            Self::Resources => "resources",
            Self::Server => "server",
            Self::Result => "result",
            Self::SeriesLimit => "series_limit",
            Self::Panic => "panic",
        }
    }

    fn of_sqlstate(sqlstate: &str) -> Self {
        match sqlstate {
            "57014" => Self::StatementTimeout,
            "55P03" => Self::LockTimeout,
            "40001" | "57P04" => Self::RecoveryConflict,
            "42501" => Self::Permission,
            "42P01" | "42703" | "42883" | "42704" | "0A000" | "3F000" => Self::Undefined,
            "53300" => Self::TooManyConnections,
            "57P01" | "57P02" | "57P03" => Self::Unavailable,
            "28000" | "28P01" | "3D000" => Self::Authentication,
            // What PgBouncer says to startup parameters that it does not pass on.
            "08P01" => Self::Configuration,
            _ if sqlstate.starts_with("08") => Self::Disconnected,
            _ if sqlstate.starts_with("53") || sqlstate.starts_with("54") => Self::Resources,
            _ => Self::Server,
        }
    }

    /// Whether the connection is of no more use after it.
    pub fn ends_connection(self) -> bool {
        matches!(
            self,
            Self::Disconnected
                | Self::Unavailable
                | Self::Deadline
                | Self::Refused
                | Self::Unreachable
                | Self::Panic
        )
    }

    /// Whether trying again soon is pointless: somebody has to change something.
    pub fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::Permission | Self::Undefined | Self::Result | Self::SeriesLimit | Self::Panic
        )
    }

    /// Whether the server said no to us and hammering it may lock the role out.
    pub fn is_refused_credential(self) -> bool {
        matches!(self, Self::Authentication | Self::Tls | Self::Configuration)
    }
}

/// A failure, ready to be counted, logged and shown.
#[derive(Clone, Debug)]
pub struct Failure {
    pub reason: Reason,
    /// The server's error code, where it gave one.
    pub sqlstate: Option<String>,
    /// For people. Never holds a password: it is made from the server's message
    /// or from our own words, not from what was configured.
    pub message: String,
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sqlstate {
            Some(sqlstate) => write!(f, "{} (SQLSTATE {sqlstate})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Failure {
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, sqlstate: None, message: message.into() }
    }

    /// What to do next where no connection could be had.
    pub fn next_step(&self) -> Option<&'static str> {
        Some(match (self.reason, self.sqlstate.as_deref()) {
            (Reason::Refused, _) => {
                "nobody listens there: see whether the server runs, and its port, listen_addresses \
                 and unix_socket_directories; pg_isready asks the same from here"
            }
            (Reason::Unreachable, _) => {
                "check the host's name, the route and the firewalls between; pg_isready asks the \
                 same from here"
            }
            (Reason::Tls, _) => {
                "compare sslmode and sslrootcert with what the server has: show ssl, and its \
                 certificate's names; sslmode=prefer takes what there is"
            }
            (Reason::Authentication, Some("3D000")) => {
                "name another database behind the port: nearly every server has one named postgres"
            }
            (Reason::Authentication, Some("28P01")) => {
                "set the role's password with \\password in psql, and give the same in a password \
                 file, DATA_SOURCE_PASS_FILE or password_file"
            }
            (Reason::Authentication, _) => {
                "role.sql (in deploy/ or /usr/share/pglens/) creates the role; pg_hba.conf has to \
                 let it in from here, and the server's log says which line did not"
            }
            (Reason::TooManyConnections, _) => {
                "see who has the connections in pg_stat_activity, and compare with max_connections \
                 and the role's connection limit"
            }
            (Reason::Unavailable, _) => {
                "wait for the server, or see its log: it starts, stops or recovers"
            }
            (Reason::Disconnected, _) => {
                "see whether it is PostgreSQL that answers on this port, and what its log says"
            }
            (Reason::Role, _) => "correct target_session_attrs, or name the other hosts too",
            _ => return None,
        })
    }

    /// The class of the SQLSTATE, its first two characters: few enough for a label.
    pub fn sqlstate_class(&self) -> Option<&str> {
        self.sqlstate.as_deref().and_then(|code| code.get(..2))
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let sqlstate = error.code().map(|code| code.into_owned());
                let reason = sqlstate.as_deref().map_or(Reason::Server, Reason::of_sqlstate);
                Self { reason, sqlstate, message: error.message().to_owned() }
            }
            sqlx::Error::Io(error) => Self::new(reason_of_io(&error), error.to_string()),
            sqlx::Error::Tls(error) => Self::new(Reason::Tls, error.to_string()),
            // sqlx reports a server that hangs up during TLS or login this way.
            sqlx::Error::Protocol(message) => Self::new(Reason::Disconnected, message),
            sqlx::Error::Configuration(error) => {
                Self::new(Reason::Configuration, error.to_string())
            }
            error => Self::new(Reason::Result, error.to_string()),
        }
    }
}

fn reason_of_io(error: &io::Error) -> Reason {
    match error.kind() {
        // A missing socket file is how a server that is down looks locally.
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => Reason::Refused,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::NotConnected => Reason::Disconnected,
        _ => Reason::Unreachable,
    }
}

impl From<MissingColumn> for Failure {
    fn from(error: MissingColumn) -> Self {
        Self::new(Reason::Result, error.to_string())
    }
}

impl From<TransformError> for Failure {
    fn from(error: TransformError) -> Self {
        Self::new(Reason::Result, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_by_sqlstate() {
        for (sqlstate, reason) in [
            ("57014", Reason::StatementTimeout),
            ("55P03", Reason::LockTimeout),
            ("42501", Reason::Permission),
            ("42703", Reason::Undefined),
            ("53300", Reason::TooManyConnections),
            ("53100", Reason::Resources),
            ("57P03", Reason::Unavailable),
            ("28P01", Reason::Authentication),
            ("08006", Reason::Disconnected),
            ("XX000", Reason::Server),
        ] {
            assert_eq!(Reason::of_sqlstate(sqlstate), reason, "{sqlstate}");
        }
    }
}
