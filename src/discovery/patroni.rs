//! The members of a cluster, as Patroni's REST interface lists them.

use hyper::Uri;
use serde::Deserialize;

use super::client::{self, Refused};
use super::{Error, Listed, Member};
use crate::config::Patroni;

/// `GET /cluster`, which every member answers for the whole cluster. Patroni before 3.1
/// leaves out the scope.
#[derive(Deserialize)]
struct Cluster {
    members: Vec<Entry>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    state: String,
    /// Missing until the member has told where it listens.
    host: Option<String>,
    port: Option<u16>,
}

/// `GET /patroni`, which every version answers with its scope.
#[derive(Deserialize)]
struct Status {
    patroni: Itself,
}

#[derive(Deserialize)]
struct Itself {
    scope: String,
}

/// Asks one address after the other until one answers.
pub async fn members(patroni: &Patroni) -> Result<Vec<Listed>, Error> {
    let mut failures = Vec::new();
    for address in &patroni.addresses {
        match ask(patroni, address).await {
            Ok(listed) => return Ok(listed),
            Err(refused) => failures.push(format!("{address}: {refused}")),
        }
    }
    Err(Error::Patroni(failures.join("; ")))
}

async fn ask(patroni: &Patroni, address: &Uri) -> Result<Vec<Listed>, Refused> {
    let cluster: Cluster = client::get(patroni, address, "/cluster").await?;
    let scope = match cluster.scope {
        Some(scope) => scope,
        None => client::get::<Status>(patroni, address, "/patroni").await?.patroni.scope,
    };
    cluster
        .members
        .into_iter()
        .filter_map(|entry| {
            let host = entry.host?;
            // It comes from outside and is connected to with our password: a list of
            // hosts or a socket is no member's place.
            if host.is_empty() || host.contains(['/', ',', '@']) {
                let message = format!("member \"{}\" names no host: \"{host}\"", entry.name);
                return Some(Err(Refused::Content(message)));
            }
            let member = Member {
                name: entry.name,
                host,
                port: entry.port.unwrap_or(5432),
                cluster: Some(scope.clone()),
                system_identifier: None,
            };
            // A standby that streams is "streaming" since Patroni 3, "running" before.
            let running =
                matches!(entry.state.as_str(), "running" | "streaming" | "in archive recovery");
            Some(Ok(Listed { member, running }))
        })
        .collect()
}

#[cfg(test)]
mod tests;
