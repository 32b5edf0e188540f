//! The standbys that a watched server streams to. What it told its collectors is read
//! from memory: finding them costs the server nothing.

use std::collections::BTreeMap;

use super::{Error, Listed, Member};
use crate::store::{Standby, Store};

/// What a standby is called that was not given a name; it tells nobody apart.
const NAMELESS: [&str; 2] = ["", "walreceiver"];

pub fn standbys(store: &Store, target: &str, port: u16) -> Result<Option<Vec<Listed>>, Error> {
    let unknown = || Error::Primary(target.to_owned());
    let id = store.target(target).ok_or_else(unknown)?;
    let seen = store.read(id, |view| (view.is_ready(), view.status.system_identifier.clone()));
    let (ready, system_identifier) = seen.ok_or_else(unknown)?;
    let standbys = match store.standbys(id) {
        Some(standbys) => standbys,
        None if ready => return Err(unknown()),
        None => return Ok(None),
    };
    let listed = named(standbys).into_iter().map(|(name, host)| Listed {
        member: Member {
            name,
            host,
            port,
            cluster: None,
            system_identifier: system_identifier.clone(),
        },
        running: true,
    });
    Ok(Some(listed.collect()))
}

/// A name for each address. Where one has several names, the first in the alphabet is
/// taken; where several have one name, or have none, the address is part of it.
fn named(mut standbys: Vec<Standby>) -> Vec<(String, String)> {
    standbys.sort();
    standbys.reverse();
    let names: BTreeMap<String, String> = standbys
        .into_iter()
        .map(|standby| (standby.client_addr, standby.application_name))
        .collect();
    let name = |address: &String, name: &String| match name.as_str() {
        nameless if NAMELESS.contains(&nameless) => address.clone(),
        _ if names.values().filter(|other| *other == name).count() > 1 => {
            format!("{name}@{address}")
        }
        name => name.to_owned(),
    };
    names.iter().map(|(address, own)| (name(address, own), address.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_a_name_of_its_own() {
        let standby = |application_name: &str, client_addr: &str| Standby {
            application_name: application_name.to_owned(),
            client_addr: client_addr.to_owned(),
        };
        let found = named(vec![
            standby("walreceiver", "10.0.0.1"),
            standby("", "10.0.0.2"),
            standby("15/main", "10.0.0.3"),
            standby("15/main", "10.0.0.4"),
            standby("paris", "::1"),
            standby("zurich", "::1"),
        ]);
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        let expected = ["10.0.0.1", "10.0.0.2", "15/main@10.0.0.3", "15/main@10.0.0.4", "paris"];
        assert_eq!(names, expected);
    }
}
