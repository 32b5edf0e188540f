//! Whether two servers are one: by where they listen, whatever they are called.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::lookup_host;
use tokio::time::{Instant, timeout};

/// How long a name's addresses are believed.
const AGE: Duration = Duration::from_secs(300);

const DEADLINE: Duration = Duration::from_secs(2);

/// The addresses of names. What is known stays while the resolver fails: else two
/// targets would become of one server for that time.
#[derive(Debug, Default)]
pub struct Addresses {
    known: HashMap<String, Resolved>,
}

#[derive(Debug)]
struct Resolved {
    addresses: BTreeSet<IpAddr>,
    asked: Instant,
}

impl Addresses {
    /// Asks for the names that are not known, or not known to be true any more, and
    /// forgets all others.
    pub async fn resolve(&mut self, hosts: &BTreeSet<String>) {
        let now = Instant::now();
        self.known.retain(|host, _| hosts.contains(host));
        let is_old = |host: &&String| {
            self.known.get(*host).is_none_or(|known| now.duration_since(known.asked) >= AGE)
        };
        let looking = hosts
            .iter()
            .filter(is_old)
            .map(|host| async move { (host.clone(), look_up(host).await) });
        for (host, addresses) in join_all(looking).await {
            let before = self.known.remove(&host).map(|known| known.addresses);
            let addresses = addresses.or(before).unwrap_or_default();
            self.known.insert(host, Resolved { addresses, asked: now });
        }
    }

    /// Whether both names lead to one host, as far as that is known.
    pub fn are_same(&self, one: &str, other: &str) -> bool {
        let addresses = |host: &str| self.known.get(host).map(|known| &known.addresses);
        match (addresses(one), addresses(other)) {
            _ if one == other => true,
            (Some(one), Some(other)) => !one.is_disjoint(other),
            _ => false,
        }
    }
}

/// Nothing if the resolver gives no answer.
async fn look_up(host: &str) -> Option<BTreeSet<IpAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(BTreeSet::from([address.to_canonical()]));
    }
    let found = timeout(DEADLINE, lookup_host((host, 0))).await.ok()?.ok()?;
    Some(found.map(|address| address.ip().to_canonical()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_is_known_by_any_of_its_names() {
        let mut addresses = Addresses::default();
        let hosts = ["localhost", "127.0.0.1", "::ffff:127.0.0.1", "127.0.0.2", "no.invalid"];
        addresses.resolve(&hosts.map(String::from).into()).await;
        assert!(addresses.are_same("localhost", "127.0.0.1"));
        assert!(addresses.are_same("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(!addresses.are_same("localhost", "127.0.0.2"));
        assert!(!addresses.are_same("no.invalid", "localhost"));
        assert!(addresses.are_same("no.invalid", "no.invalid"));
        addresses.resolve(&BTreeSet::new()).await;
        assert!(!addresses.are_same("localhost", "127.0.0.1"));
    }
}
