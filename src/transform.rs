//! What SQL cannot say: pure functions from rows to rows, each with its own
//! state and nothing else. They know neither the server nor the metric's help.

mod bloat;
pub mod blocking_tree;
mod lsn_clock;
mod rising;
mod standby_lag;
mod top;
mod wait_sampling;

use std::time::Duration;

use crate::rows::{MissingColumn, Rows};
pub use top::{Shape, Top};

/// Turns the rows of a collector's SQL into rows of its declared shape.
///
/// One value lives for one collector on one database of one server, so what it
/// remembers belongs to that server; it is thrown away when another cluster
/// answers behind the same address.
pub trait Transform: Send {
    /// `at` is the moment of the poll on a clock that never steps back.
    fn apply(&mut self, rows: Rows, at: Duration) -> Result<Rows, TransformError>;

    /// How many objects of the last poll have no row of their own, because they
    /// went into a sum of all others. `None` where that does not happen.
    fn folded(&self) -> Option<usize> {
        None
    }
}

/// The rows are not what the transform was written for.
#[derive(Debug, thiserror::Error)]
pub enum TransformError {
    #[error(transparent)]
    MissingColumn(#[from] MissingColumn),
    #[error("{0}")]
    Unexpected(String),
}

/// A fresh transform for the name that a declaration gives. [`Top`] has none: it
/// is made of a declaration of its own.
pub fn by_name(name: &str) -> Option<Box<dyn Transform>> {
    Some(match name {
        "bloat_btree" => Box::new(bloat::Btree),
        "bloat_heap" => Box::new(bloat::Heap),
        "bloat_measured" => Box::new(bloat::Measured),
        "blocking_tree" => Box::new(blocking_tree::BlockingTree::default()),
        "lsn_clock" => Box::new(lsn_clock::LsnClock::default()),
        "rising" => Box::new(rising::Rising::default()),
        "standby_lag" => Box::new(standby_lag::StandbyLag::default()),
        "wait_sampling" => Box::new(wait_sampling::WaitSampling::default()),
        _ => return None,
    })
}
