//! Series that others make and rules read, declared as the catalogue declares ours.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// Who makes it.
    pub from: String,
    /// counter or gauge.
    pub kind: String,
    #[serde(default)]
    pub labels: Vec<String>,
    pub help: String,
}

/// By name.
pub static OUTSIDE: LazyLock<BTreeMap<String, Outside>> = LazyLock::new(|| {
    toml::from_str(include_str!("outside.toml")).expect("outside.toml is checked by a test")
});
