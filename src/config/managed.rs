//! Managed services: what they refuse, so that nobody is told of it as a failure.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// What is left alone on a service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Managed {
    pub collectors: Vec<String>,
    pub databases: Vec<String>,
}

static SERVICES: LazyLock<BTreeMap<String, Managed>> = LazyLock::new(|| {
    toml::from_str(include_str!("managed.toml")).expect("managed.toml is checked by a test")
});

pub fn service(name: &str) -> Option<&'static Managed> {
    SERVICES.get(name)
}

/// The services that there are, for a message.
pub fn names() -> String {
    SERVICES.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn every_collector_that_is_left_alone_exists() {
        let catalog = Catalog::builtin().unwrap();
        for managed in SERVICES.values() {
            for collector in &managed.collectors {
                assert!(catalog.collector(collector).is_some(), "{collector}");
            }
        }
        assert_eq!(names(), "aurora, azure, cloudsql, rds");
    }
}
