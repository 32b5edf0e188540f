//! What is kept of a poll: its samples, written.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::catalog::Kind;

/// The samples of one collector on one database of one server.
#[derive(Debug, Default)]
pub struct Encoded {
    /// One text for each metric of the collector, in its order.
    pub samples: Vec<String>,
    /// Families whose names the server brought, by name.
    pub dynamic: BTreeMap<String, Dynamic>,
    pub series: usize,
    /// Samples dropped because their series was there already.
    pub duplicates: u64,
    /// Samples dropped because a counter was negative or a number was none.
    pub invalid: u64,
}

/// A family that is declared by the beginning of its name only.
#[derive(Debug)]
pub struct Dynamic {
    pub help: String,
    pub kind: Kind,
    pub samples: String,
}

pub(super) fn push_number(out: &mut String, number: f64) {
    if number.is_infinite() {
        out.push_str(if number > 0.0 { "+Inf" } else { "-Inf" });
    } else {
        let _ = write!(out, "{number}");
    }
}
