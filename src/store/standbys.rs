//! The standbys that a server tells of, for who wants to watch them too.

use tokio::time::Instant;

use super::{Store, TargetId};
use crate::catalog::Collector;
use crate::rows::Rows;

/// Whether a row of replication is a standby's.
const IS_STANDBY: &str = "pg_stat_replication_is_standby";

/// A standby as its upstream knows it. The port that it connects from is not the one
/// that it listens on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standby {
    pub application_name: String,
    pub client_addr: String,
}

/// The standbys in the rows of a collector, if it tells of them. One that connects by a
/// local socket has no address, and is left out.
pub(super) fn told(collector: &Collector, rows: &Rows) -> Option<Vec<Standby>> {
    collector.metrics.iter().find(|metric| metric.name == IS_STANDBY)?;
    let column = |name| rows.column(name).ok();
    let (name, address, is_standby) =
        (column("application_name")?, column("client_addr")?, column(IS_STANDBY)?);
    let standbys = rows.iter().filter(|row| row.number(is_standby) == Some(1.0));
    let standbys = standbys.filter_map(|row| {
        let application_name = row.text(name).unwrap_or_default().to_owned();
        Some(Standby { application_name, client_addr: row.text(address)?.to_owned() })
    });
    Some(standbys.collect())
}

impl Store {
    /// The standbys that a server has now; nothing while that is not known.
    pub fn standbys(&self, target: TargetId) -> Option<Vec<Standby>> {
        let mut inner = self.lock();
        inner.expire(Instant::now());
        let state = inner.targets.get(&target)?;
        state.snapshots.values().find_map(|snapshot| snapshot.standbys.clone())
    }
}
