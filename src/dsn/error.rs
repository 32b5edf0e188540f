//! What can be wrong with a connection string, said without repeating it.
//!
//! A mistyped connection string shifts its parts: what we take for a port may
//! be half a password. So no error carries a value. The one piece of input
//! that is echoed is an unknown keyword, and only where it cannot belong to a
//! password that was left unquoted.

use std::fmt;
use std::path::PathBuf;

use super::files::FileProblem;

/// Where a parameter was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Text,
    Service,
    /// An environment variable, by name.
    Variable(&'static str),
    /// The file that a variable or an option of this name points at.
    File(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => out.write_str("the connection string"),
            Self::Service => out.write_str("the service file"),
            Self::Variable(name) => out.write_str(name),
            Self::File(name) => write!(out, "the file of {name}"),
        }
    }
}

/// An unknown keyword, shown only when it is safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(Option<Box<str>>);

impl Unknown {
    /// Shows a word that looks like a keyword; anything else may be a piece of
    /// a value that was cut in the wrong place.
    pub(super) fn shown(word: &str) -> Self {
        let plausible = word.len() <= 40
            && word.starts_with(|first: char| first.is_ascii_alphabetic())
            && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        Self(plausible.then(|| word.into()))
    }

    pub(super) fn hidden() -> Self {
        Self(None)
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(word) => write!(
                out,
                "unknown keyword \"{word}\": correct it, or if it is a server setting write options='-c {word}=...'"
            ),
            None => out.write_str(
                "unknown keyword, not shown because it may be part of the password: quote a password that holds spaces or quotes, and percent-encode it in a URL",
            ),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(
        "not a connection string: write postgresql://user@host:port/dbname, or host=... user=... dbname=..."
    )]
    NotADsn,
    #[error("{1}: {0}")]
    Unknown(Unknown, Origin),
    #[error("{keyword} in {origin} {expected}")]
    Value { keyword: &'static str, origin: Origin, expected: &'static str },
    #[error("{keyword} in {origin} is not supported: {advice}")]
    Unsupported { keyword: &'static str, origin: Origin, advice: &'static str },
    #[error("{keyword} in {origin} must have as many values as there are hosts")]
    HostCount { keyword: &'static str, origin: Origin },

    #[error("the connection string has a keyword without \"=\": quote values that hold spaces")]
    MissingEquals,
    #[error("the connection string has a quoted value without its closing quote")]
    UnterminatedQuote,

    #[error(
        "the URL has an \"@\" after its host: percent-encode the user, the password and the database name (\"@\" is %40, \"/\" is %2F, \":\" is %3A, \"?\" is %3F)"
    )]
    StrayAt,
    #[error(
        "the {0} in the URL has a \"%\" that does not begin an encoded character: write %25 for a \"%\""
    )]
    PercentEncoding(&'static str),
    #[error(
        "the IPv6 address in the URL must be closed by \"]\" and followed by a port, a \"/\" or the end"
    )]
    Brackets,
    #[error("a query parameter in the URL has no \"=\"")]
    MissingParameterValue,

    #[error(
        "host and hostaddr differ and sslmode is verify-full: the certificate would be checked against the address; name only host, or use verify-ca"
    )]
    HostAddrUnverifiable,
    #[error("sslcert and sslkey belong together: give both or neither")]
    HalfCertificate,
    #[error("no user: name one in the connection string or in PGUSER")]
    NoUser,

    #[error("the file of {named_by} cannot be read: {reason}")]
    File { named_by: &'static str, reason: FileProblem },
    #[error("service file {} cannot be read: {reason}", path.display())]
    ServiceFile { path: PathBuf, reason: FileProblem },
    #[error("service file {}, line {line}: {problem}", path.display())]
    ServiceLine { path: PathBuf, line: usize, problem: Box<Error> },
    #[error("write keyword=value, without spaces around \"=\"")]
    ServiceSyntax,
    #[error("the service is not defined in {}", places(searched))]
    NoService { searched: Vec<PathBuf> },

    #[error("{place}: {problem}")]
    In { place: String, problem: Box<Error> },
}

fn places(paths: &[PathBuf]) -> String {
    match paths {
        [] => "any service file: there is none, set PGSERVICEFILE".to_owned(),
        paths => {
            paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}
