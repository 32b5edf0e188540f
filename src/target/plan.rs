//! Whether a collector runs on a server, decided from facts alone.

use std::fmt;

use super::facts::Facts;
use crate::catalog::{Collector, Requirement, RunsOn, Scope, Variant, Version, VersionedBy};

/// The decision about one collector.
#[derive(Debug, PartialEq)]
pub enum Plan<'a> {
    Run(&'a Variant),
    Skip(Skip),
}

/// Why a collector does not run. Nothing is wrong then, and nothing is exported.
#[derive(Clone, Debug, PartialEq)]
pub enum Skip {
    Disabled,
    /// The managed service that runs the server does not offer it.
    Managed,
    /// The server has the other role now; a promotion changes it.
    Role(RunsOn),
    /// The server is too old or too new for it.
    Version {
        major: u32,
        since: u32,
        until: Option<u32>,
    },
    /// PgBouncer is too old for it.
    PgBouncer {
        minor: u32,
        since: u32,
    },
    ExtensionMissing(String),
    /// No variant, or a requirement, does not fit the extension's version.
    ExtensionVersion {
        name: String,
        needs: String,
    },
    Setting {
        name: String,
        needs: String,
        is: Option<String>,
    },
    Privilege(Requirement),
    /// The server's log is not at hand here, for the reason given, and may not be
    /// read through SQL.
    LogOutOfReach(String),
}

/// What reads a file of the server through SQL.
const READ_FILE: &str = "pg_read_binary_file(text,bigint,bigint,boolean)";

/// Decides about `collector` on the database that `facts` were asked in.
pub fn plan<'a>(collector: &'a Collector, facts: &Facts) -> Plan<'a> {
    decide(collector, facts).map_or_else(Plan::Skip, Plan::Run)
}

fn decide<'a>(collector: &'a Collector, facts: &Facts) -> Result<&'a Variant, Skip> {
    let major = facts.major();
    let version = Skip::Version { major, since: collector.since, until: collector.until };
    if major < collector.since || collector.until.is_some_and(|until| major > until) {
        return Err(version);
    }
    for requirement in &collector.requires {
        require(requirement, facts)?;
    }
    let variant = match &collector.versions {
        VersionedBy::Server => collector.variant(&Version::major(major)).ok_or(version)?,
        VersionedBy::Extension(name) => {
            let lowest = collector
                .variants
                .first()
                .map_or_else(String::new, |variant| format!(">={}", variant.from));
            let too_old = Skip::ExtensionVersion { name: name.clone(), needs: lowest };
            let extension =
                facts.extensions.get(name).ok_or(Skip::ExtensionMissing(name.clone()))?;
            extension
                .version
                .as_ref()
                .and_then(|version| collector.variant(version))
                .ok_or(too_old)?
        }
    };
    // Last, so that a collector which could never run here says so on both roles.
    match collector.runs_on {
        RunsOn::Primary if facts.in_recovery => Err(Skip::Role(RunsOn::Primary)),
        RunsOn::Standby if !facts.in_recovery => Err(Skip::Role(RunsOn::Standby)),
        _ => Ok(variant),
    }
}

fn require(requirement: &Requirement, facts: &Facts) -> Result<(), Skip> {
    match requirement {
        Requirement::Extension { name, version } => {
            let extension =
                facts.extensions.get(name).ok_or(Skip::ExtensionMissing(name.clone()))?;
            match (version, &extension.version) {
                (None, _) => Ok(()),
                (Some((comparison, wanted)), Some(is)) if comparison.holds(is, wanted) => Ok(()),
                (Some((comparison, wanted)), _) => Err(Skip::ExtensionVersion {
                    name: name.clone(),
                    needs: format!("{comparison}{wanted}"),
                }),
            }
        }
        Requirement::Setting { name, comparison, value } => {
            let is = facts.settings.get(name);
            let holds = is.is_some_and(|is| match (is.parse::<f64>(), value.parse::<f64>()) {
                (Ok(is), Ok(wanted)) => comparison.holds(&is, &wanted),
                _ => comparison.holds(&is, &value),
            });
            if holds {
                return Ok(());
            }
            Err(Skip::Setting {
                name: name.clone(),
                needs: format!("{comparison}{value}"),
                is: is.cloned(),
            })
        }
        Requirement::Role(_) | Requirement::Select { .. } | Requirement::Execute(_) => {
            if facts.superuser || facts.granted.contains(requirement) {
                Ok(())
            } else {
                Err(Skip::Privilege(requirement.clone()))
            }
        }
    }
}

impl Skip {
    /// The word of the `because` label.
    pub fn because(&self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Managed => "managed",
            Self::Role(_) => "role",
            Self::Version { .. } | Self::PgBouncer { .. } => "version",
            Self::ExtensionMissing(_) | Self::ExtensionVersion { .. } => "extension",
            Self::Setting { .. } => "setting",
            Self::Privilege(_) | Self::LogOutOfReach(_) => "privilege",
        }
    }

    /// SQL that would make the collector run, where SQL can.
    pub fn remedy(&self, collector: &Collector, facts: &Facts) -> Option<String> {
        let user = quoted(&facts.user);
        let here = match collector.scope {
            Scope::Server => String::new(),
            Scope::Database => format!(" -- in database {}", quoted(&facts.database)),
        };
        match self {
            Self::Disabled
            | Self::Managed
            | Self::Role(_)
            | Self::Version { .. }
            | Self::PgBouncer { .. } => None,
            Self::ExtensionMissing(name) => {
                Some(format!("CREATE EXTENSION {};{here}", quoted(name)))
            }
            Self::ExtensionVersion { name, needs } if needs.starts_with('>') => {
                Some(format!("ALTER EXTENSION {} UPDATE;{here}", quoted(name)))
            }
            Self::ExtensionVersion { .. } => None,
            Self::Setting { name, needs, .. } => {
                needs.strip_prefix('=').map(|value| format!("ALTER SYSTEM SET {name} = '{value}';"))
            }
            Self::Privilege(Requirement::Role(role)) => {
                Some(format!("GRANT {} TO {user};", quoted(role)))
            }
            Self::Privilege(Requirement::Select { table, column }) => {
                Some(format!("GRANT SELECT ({column}) ON pg_catalog.{table} TO {user};{here}"))
            }
            Self::Privilege(Requirement::Execute(function)) => {
                Some(format!("GRANT EXECUTE ON FUNCTION pg_catalog.{function} TO {user};{here}"))
            }
            Self::LogOutOfReach(_) => {
                Some(format!("GRANT EXECUTE ON FUNCTION pg_catalog.{READ_FILE} TO {user};{here}"))
            }
            Self::Privilege(_) => None,
        }
    }
}

/// An SQL identifier; quoted only where it must be, as a person would write it.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => f.write_str("switched off, or not in the preset"),
            Self::Managed => f.write_str("the managed service does not offer it"),
            Self::Role(RunsOn::Standby) => f.write_str("runs on a standby only"),
            Self::Role(_) => f.write_str("runs on a primary only"),
            Self::Version { major, since, until } => match until {
                Some(until) if major > until => {
                    write!(f, "PostgreSQL {major} no longer has it, {until} was the last")
                }
                _ => write!(f, "needs PostgreSQL {since}, this is {major}"),
            },
            Self::PgBouncer { minor, since } => {
                write!(f, "needs PgBouncer 1.{since}, this is 1.{minor}")
            }
            Self::ExtensionMissing(name) => write!(f, "extension {name} is not installed"),
            Self::ExtensionVersion { name, needs } => {
                write!(f, "extension {name} must be {needs}")
            }
            Self::Setting { name, needs, is: Some(is) } => {
                write!(f, "setting {name} is {is}, needs {needs}")
            }
            Self::Setting { name, .. } => write!(f, "this server has no setting {name}"),
            Self::Privilege(requirement) => write!(f, "not granted: {requirement}"),
            Self::LogOutOfReach(why) => {
                write!(f, "cannot read {why}; through SQL not granted: execute:{READ_FILE}")
            }
        }
    }
}
