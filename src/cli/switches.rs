//! `--collector.NAME` and `--no-collector.NAME`, as postgres_exporter has them.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::catalog::{Catalog, Preset};

/// The switches that there are: names of collectors with what they are for.
pub struct Switches(BTreeMap<String, String>);

impl Switches {
    /// Those of the built-in collectors, and those that the arguments use and
    /// `command` does not know: the user's own collectors are read after the flags
    /// that say where they are. Whether there is such a collector is seen then.
    pub fn new(builtin: &Catalog, command: &Command) -> Self {
        let polled = builtin.collectors().iter().filter(|collector| collector.is_polled());
        let mut switches: BTreeMap<_, _> = polled
            .map(|collector| {
                let is_default = collector.preset <= Preset::default();
                let default = if is_default { "" } else { " (off by default)" };
                (collector.name.clone(), format!("{}{default}", collector.about))
            })
            .collect();
        for argument in std::env::args_os() {
            let Some(flag) = argument.to_str().and_then(|flag| flag.strip_prefix("--")) else {
                continue;
            };
            let is_known = command.get_arguments().any(|known| known.get_long() == Some(flag));
            if let (false, Some(name)) = (is_known, collector(flag)) {
                switches.entry(name.to_owned()).or_default();
            }
        }
        Self(switches)
    }

    pub fn declare(&self, command: Command) -> Command {
        self.0.iter().fold(command, |command, (collector, about)| {
            ["", "no-"].iter().fold(command, |command, prefix| {
                let name = format!("{prefix}collector.{collector}");
                command.arg(
                    Arg::new(name.clone())
                        .long(name)
                        .action(ArgAction::SetTrue)
                        .global(true)
                        .hide_short_help(true)
                        // One line a collector is long enough.
                        .hide(!prefix.is_empty())
                        .help_heading("Collectors")
                        .help(about.clone()),
                )
            })
        })
    }

    /// What was switched, and how.
    pub fn read(self, matches: &ArgMatches) -> BTreeMap<String, bool> {
        let given =
            |prefix: &str, name: &str| matches.get_flag(&format!("{prefix}collector.{name}"));
        self.0
            .into_keys()
            .filter_map(|name| match (given("", &name), given("no-", &name)) {
                (_, true) => Some((name, false)),
                (true, false) => Some((name, true)),
                (false, false) => None,
            })
            .collect()
    }
}

/// The collector that a flag switches.
fn collector(flag: &str) -> Option<&str> {
    let name = flag.strip_prefix("no-").unwrap_or(flag).strip_prefix("collector.")?;
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_names_a_collector() {
        assert_eq!(collector("collector.custom_shop"), Some("custom_shop"));
        assert_eq!(collector("no-collector.wal"), Some("wal"));
        assert_eq!(collector("collector.stat_statements.limit=5"), None);
        assert_eq!(collector("config"), None);
    }
}
