//! Every server polled once, those that are found included: for `pglens once` and
//! `pglens doctor`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::found::Found;
use super::looks::Look;
use super::servers::{endpoint, watched, watched_in};
use crate::catalog::Catalog;
use crate::config::{Config, Lister};
use crate::discovery;
use crate::poll::{self, Watched};
use crate::store::{Database, Store};
use crate::target::{Facts, Failure};

/// Who could not be looked for, by section, and why.
type Failures = Vec<(String, discovery::Error)>;

/// Polls one server after the other, and says of each how that went.
pub async fn each_once(
    config: &Config,
    catalog: Arc<Catalog>,
    mut polled: impl FnMut(&Watched, Result<BTreeMap<Database, Facts>, Failure>),
) -> (Arc<Store>, Failures) {
    let (store, servers) = watched(config, catalog);
    let (mut found, mut failures) = (Found::default(), Vec::new());
    look(config, &store, None, &mut found, &mut failures).await;
    for server in &servers {
        polled(server, poll::once(server).await);
        // What it told of its standbys is fresh now.
        look(config, &store, Some(&server.name), &mut found, &mut failures).await;
    }
    let dsn = |target: &_| endpoint(config, target).dsn().ok();
    let mut wanted = found.beside(config, dsn).await.targets;
    let others = wanted.split_off(config.targets.len());
    for server in &watched_in(config, &others, &store) {
        polled(server, poll::once(server).await);
    }
    (store, failures)
}

/// Looks where this target is asked, or Patroni.
async fn look(
    config: &Config,
    store: &Store,
    asked: Option<&str>,
    found: &mut Found,
    failures: &mut Failures,
) {
    for discover in &config.discover {
        let target = match &discover.lister {
            Lister::Patroni(_) => None,
            Lister::Primary { target, .. } => Some(target.as_str()),
        };
        if target != asked {
            continue;
        }
        match discovery::look(discover, store).await {
            Ok(listed) => {
                let listed = Ok(listed.unwrap_or_default());
                found.take_in(discover, Look { section: discover.name.clone(), listed });
            }
            Err(error) => failures.push((discover.name.clone(), error)),
        }
    }
}
