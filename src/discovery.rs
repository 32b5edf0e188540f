//! Servers that are found and not written down: members of a Patroni cluster, and
//! standbys that a watched primary knows.
//!
//! A look at who is there changes nothing by itself. [`Members`] makes of one look after
//! the other who is to be watched, [`Addresses`] tells whether one is watched already,
//! and the daemon does with them what a new configuration would make it do.

mod addresses;
mod client;
mod member;
mod members;
mod patroni;
mod primary;

use std::time::Duration;

pub use addresses::Addresses;
pub use member::{Listed, Member};
pub use members::Members;

use crate::config::{Discover, Lister};
use crate::store::Store;

/// How long an answer may take, and one after which the next address is tried.
const DEADLINE: Duration = Duration::from_secs(5);

/// Nobody could be asked who is there. Those that are known stay.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Patroni(String),
    #[error(
        "target \"{0}\" does not tell its standbys: it is down, or its role is no member of \
         pg_monitor; pglens doctor says which"
    )]
    Primary(String),
}

/// Whether the files can be used that a look will need; asks nobody.
pub fn check(discover: &Discover) -> Result<(), Error> {
    match &discover.lister {
        Lister::Patroni(patroni) => {
            client::check_files(patroni).map_err(|refused| Error::Patroni(refused.to_string()))
        }
        Lister::Primary { .. } => Ok(()),
    }
}

/// Who is there now; `None` while it is too early to say.
pub async fn look(discover: &Discover, store: &Store) -> Result<Option<Vec<Listed>>, Error> {
    match &discover.lister {
        Lister::Patroni(patroni) => patroni::members(patroni).await.map(Some),
        Lister::Primary { target, port } => primary::standbys(store, target, *port),
    }
}
