//! Who was found, section by section, and which of them are watched.

use std::collections::{BTreeMap, BTreeSet};

use super::looks::Look;
use crate::config::{Config, Discover, Target};
use crate::discovery::{Addresses, Members};
use crate::dsn::{Dsn, Host};

#[derive(Default)]
pub struct Found {
    sections: BTreeMap<String, Section>,
    addresses: Addresses,
}

#[derive(Default)]
struct Section {
    members: Members,
    /// Whether the last look was none.
    failing: bool,
}

/// Where a server listens.
type Place = (String, u16);

/// Who is to be watched.
pub struct Wanted {
    /// Those that are written down, and behind them those that were found.
    pub targets: Vec<Target>,
    pub counts: Vec<Count>,
}

/// How many of a section's servers are watched, and how many are too many.
pub struct Count {
    pub section: String,
    pub watched: usize,
    pub dropped: usize,
}

impl Found {
    /// Whoever was found stays where a new configuration asks the same as the old one,
    /// and is forgotten elsewhere.
    pub fn keep(&mut self, before: &[Discover], now: &[Discover]) {
        let lister = |sections: &[Discover], name: &str| {
            sections.iter().find(|one| one.name == name).map(|one| one.lister.clone())
        };
        self.sections.retain(|name, _| lister(now, name) == lister(before, name));
    }

    /// A look that failed changes nothing about who is there, and is told once.
    pub fn take_in(&mut self, discover: &Discover, look: Look) {
        let section = self.sections.entry(discover.name.clone()).or_default();
        match look.listed {
            Ok(listed) => {
                section.members.update(listed, discover.grace);
                if std::mem::take(&mut section.failing) {
                    tracing::info!(section = discover.name, "discovery works again");
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut section.failing, true) {
                    tracing::warn!(section = discover.name, %error,
                        "discovery failed, who is known stays; not logged again until it works");
                }
            }
        }
    }

    /// The targets that are written down, and beside them those found that are none of
    /// them. `dsn` is where one that is written down is connected to.
    pub async fn beside(
        &mut self,
        config: &Config,
        dsn: impl Fn(&Target) -> Option<Dsn>,
    ) -> Wanted {
        let (mut targets, mut counts) = (config.targets.clone(), Vec::new());
        if config.discover.is_empty() {
            return Wanted { targets, counts };
        }
        let mut taken: Vec<Place> = targets.iter().filter_map(|one| place(&dsn(one)?)).collect();
        let all = self.sections.values().flat_map(|section| section.members.iter());
        let (mut hosts, ports): (BTreeSet<_>, BTreeSet<_>) =
            all.map(|member| (member.host.clone(), member.port)).unzip();
        // Names that are written down are asked for where they may decide something.
        let written = taken.iter().filter(|(_, port)| ports.contains(port));
        hosts.extend(written.map(|(host, _)| host.clone()));
        self.addresses.resolve(&hosts).await;

        for discover in &config.discover {
            let Some(section) = self.sections.get(&discover.name) else { continue };
            let (mut watched, mut dropped) = (0, 0);
            for member in section.members.iter() {
                let is_taken = taken.iter().any(|(host, port)| {
                    *port == member.port && self.addresses.are_same(host, &member.host)
                });
                let target = member.target(&discover.template);
                if is_taken || targets.iter().any(|other| other.name == target.name) {
                    continue;
                }
                if watched == discover.max_targets {
                    dropped += 1;
                    continue;
                }
                watched += 1;
                taken.push((member.host.clone(), member.port));
                targets.push(target);
            }
            counts.push(Count { section: discover.name.clone(), watched, dropped });
        }
        Wanted { targets, counts }
    }
}

/// A server behind a socket of this host has no place that others know.
fn place(dsn: &Dsn) -> Option<Place> {
    match &dsn.host {
        Host::Tcp(name) => Some((name.clone(), dsn.port)),
        Host::Socket(_) => None,
    }
}
