//! What a collector needs beyond a connection, as its declaration writes it.

use std::fmt;
use std::str::FromStr;

use super::Version;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// `extension:pg_buffercache`, `extension:pg_buffercache>=1.4`, `…<1.4`.
    Extension { name: String, version: Option<(Comparison, Version)> },
    /// `role:pg_monitor`: our role is a member, directly or not.
    Role(String),
    /// `setting:archive_mode!=off`; numbers are in the unit of `pg_settings`.
    Setting { name: String, comparison: Comparison, value: String },
    /// `select:pg_statistic.stawidth`: a column of `pg_catalog` that is not public.
    Select { table: String, column: String },
    /// `execute:pg_ls_waldir()`: a function of `pg_catalog` that is not public.
    Execute(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    AtLeast,
    AtMost,
    Below,
    Equal,
    NotEqual,
}

impl Comparison {
    /// Longer signs first, so that `>=` is not read as something with `=`.
    const SIGNS: [(&'static str, Self); 5] = [
        (">=", Self::AtLeast),
        ("<=", Self::AtMost),
        ("!=", Self::NotEqual),
        ("<", Self::Below),
        ("=", Self::Equal),
    ];

    fn split(text: &str) -> Option<(&str, Self, &str)> {
        Self::SIGNS.iter().find_map(|(sign, comparison)| {
            text.split_once(sign).map(|(left, right)| (left, *comparison, right))
        })
    }

    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::AtLeast => left >= right,
            Self::AtMost => left <= right,
            Self::Below => left < right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Self::SIGNS.iter().find(|(_, comparison)| comparison == self);
        f.write_str(sign.map_or("?", |(sign, _)| sign))
    }
}

/// The declaration says something that is not a requirement.
#[derive(Debug, thiserror::Error)]
#[error(
    "\"{0}\" is not a requirement: expected extension:NAME[>=VERSION], role:NAME, \
     setting:NAME=VALUE, select:TABLE.COLUMN or execute:FUNCTION(ARGUMENTS)"
)]
pub struct InvalidRequirement(String);

impl FromStr for Requirement {
    type Err = InvalidRequirement;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| InvalidRequirement(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Requirement> {
    let (kind, rest) = text.split_once(':')?;
    if rest.is_empty() {
        return None;
    }
    Some(match kind {
        "extension" => match Comparison::split(rest) {
            None => Requirement::Extension { name: rest.to_owned(), version: None },
            Some((name, comparison, version)) => Requirement::Extension {
                name: name.to_owned(),
                version: Some((comparison, version.parse().ok()?)),
            },
        },
        "role" => Requirement::Role(rest.to_owned()),
        "setting" => {
            let (name, comparison, value) = Comparison::split(rest)?;
            Requirement::Setting { name: name.to_owned(), comparison, value: value.to_owned() }
        }
        "select" => {
            let (table, column) = rest.split_once('.')?;
            Requirement::Select { table: table.to_owned(), column: column.to_owned() }
        }
        "execute" => Requirement::Execute(rest.to_owned()),
        _ => return None,
    })
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension { name, version: None } => write!(f, "extension:{name}"),
            Self::Extension { name, version: Some((comparison, version)) } => {
                write!(f, "extension:{name}{comparison}{version}")
            }
            Self::Role(name) => write!(f, "role:{name}"),
            Self::Setting { name, comparison, value } => {
                write!(f, "setting:{name}{comparison}{value}")
            }
            Self::Select { table, column } => write!(f, "select:{table}.{column}"),
            Self::Execute(function) => write!(f, "execute:{function}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_as_it_is_written() {
        for text in [
            "extension:pgstattuple",
            "extension:pg_buffercache>=1.4",
            "extension:pg_buffercache<1.4",
            "role:pg_monitor",
            "setting:archive_mode!=off",
            "setting:shared_buffers<=8388608",
            "select:pg_statistic.stawidth",
            "execute:pg_ls_waldir()",
        ] {
            assert_eq!(text.parse::<Requirement>().unwrap().to_string(), text);
        }
        for text in ["", "role:", "extension:x>=y", "setting:archive_mode", "hope:more"] {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
    }
}
