//! postgres_exporter's flags that mean something else here, or nothing: they are
//! taken, so that nobody's unit file has to change, and answered with a line in the
//! log; a flag that would silently change what is exported is refused.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::config::Flags;

/// A flag, whether it has a value, and what becomes of it.
struct Flag {
    name: &'static str,
    value: bool,
    variable: Option<&'static str>,
    meaning: Meaning,
}

enum Meaning {
    /// Taken; the note says why there is nothing to do.
    Nothing(&'static str),
    /// Taken as a switch of a collector.
    Switch(&'static [(&'static str, bool)]),
    Refused(&'static str),
}

use Meaning::{Nothing, Refused, Switch};

const FLAGS: [Flag; 17] = [
    flag(
        "auto-discover-databases",
        false,
        Some("PG_EXPORTER_AUTO_DISCOVER_DATABASES"),
        Nothing("every database is visited anyway"),
    ),
    flag(
        "disable-default-metrics",
        false,
        Some("PG_EXPORTER_DISABLE_DEFAULT_METRICS"),
        Nothing("choose with --preset and --no-collector.NAME"),
    ),
    flag(
        "disable-settings-metrics",
        false,
        Some("PG_EXPORTER_DISABLE_SETTINGS_METRICS"),
        Switch(&[("settings", false), ("settings_all", false)]),
    ),
    flag(
        "collection-timeout",
        true,
        Some("PG_EXPORTER_COLLECTION_TIMEOUT"),
        Nothing("a scrape waits for no collection, and each collector has its own timeout"),
    ),
    flag(
        "config.file",
        true,
        None,
        Nothing("auth modules are not needed: /probe knows configured targets only, by name"),
    ),
    flag("collector.xlog_location", false, None, Nothing("it was for PostgreSQL before 10")),
    flag("no-collector.xlog_location", false, None, Nothing("there is no such collector")),
    flag(
        "collector.stat_statements.include_query",
        false,
        None,
        Switch(&[("statement_texts", true)]),
    ),
    flag("collector.stat_statements.query_length", true, None, Nothing(STATEMENTS)),
    flag("collector.stat_statements.limit", true, None, Nothing(STATEMENTS)),
    flag("collector.stat_statements.exclude_databases", true, None, Refused(EXCLUDE)),
    flag("collector.stat_statements.exclude_users", true, None, Refused(EXCLUDE)),
    // The name of 0.11.
    flag("collector.bgwriter", false, None, Switch(&[("stat_bgwriter", true)])),
    flag("no-collector.bgwriter", false, None, Switch(&[("stat_bgwriter", false)])),
    flag(
        "metric-prefix",
        true,
        Some("PG_EXPORTER_METRIC_PREFIX"),
        Refused("metrics have one name; rename them with metric_relabel_configs"),
    ),
    flag("dumpmaps", false, None, Refused("pglens catalog prints all metrics")),
    flag("web.systemd-socket", false, None, Refused("give --web.listen-address")),
];

const STATEMENTS: &str = "statements are chosen by rank, and texts cut at a fixed length";

const EXCLUDE: &str = "name them in the file of --config: [exclude] takes patterns for the \
     labels datname and user";

const fn flag(
    name: &'static str,
    value: bool,
    variable: Option<&'static str>,
    meaning: Meaning,
) -> Flag {
    Flag { name, value, variable, meaning }
}

/// Adds the flags, out of sight of `--help`.
pub fn declare(command: Command) -> Command {
    FLAGS.iter().fold(command, |command, flag| {
        let action = if flag.value { ArgAction::Set } else { ArgAction::SetTrue };
        let arg = Arg::new(flag.name).long(flag.name).action(action).global(true).hide(true);
        command.arg(match flag.variable {
            Some(variable) => arg.env(variable),
            None => arg,
        })
    })
}

/// Applies the flags that were given. Returns notes to be logged.
///
/// # Errors
/// What is refused, and what to do instead.
pub fn apply(
    matches: &ArgMatches,
    collectors: &mut BTreeMap<String, bool>,
) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    for flag in &FLAGS {
        let given = match flag.value {
            true => matches.get_one::<String>(flag.name).is_some(),
            false => matches.get_flag(flag.name),
        };
        if !given {
            continue;
        }
        match flag.meaning {
            Nothing(why) => notes.push(format!("--{} has no effect: {why}", flag.name)),
            Refused(instead) => {
                return Err(format!("--{} is not supported: {instead}", flag.name));
            }
            Switch(switches) => collectors
                .extend(switches.iter().map(|(name, enabled)| ((*name).to_owned(), *enabled))),
        }
    }
    Ok(notes)
}

/// `--constantLabels` and its variable: `name=value,…`.
///
/// # Errors
/// A label that Prometheus would not take.
pub fn constant_labels(text: &str) -> Result<Vec<(String, String)>, String> {
    text.split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (name, value) =
                pair.split_once('=').ok_or("a constant label is written name=value")?;
            let name = name.trim();
            let valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !valid || name.starts_with("__") {
                return Err(format!("\"{name}\" is no name for a label"));
            }
            Ok((name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// Notes of an earlier program's flags, for the log.
pub fn tell(flags: &Flags) {
    for note in &flags.notes {
        tracing::warn!("{note}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_labels_are_read_or_refused() {
        let labels = constant_labels("env=prod, region = eu").unwrap();
        assert_eq!(labels, [("env".into(), "prod".into()), ("region".into(), "eu".into())]);
        assert_eq!(constant_labels("").unwrap(), []);
        assert!(constant_labels("1x=y").is_err());
        assert!(constant_labels("x").is_err());
        assert!(constant_labels("__x=y").is_err());
    }
}
