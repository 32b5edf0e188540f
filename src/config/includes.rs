//! Servers in files of their own, so that each, or each cluster, can be added and
//! removed by whoever sets it up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::file::{self, Discover, Target};
use super::{Error, read};

/// The sections that say which servers are watched.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Servers {
    pub targets: BTreeMap<String, Target>,
    pub discover: BTreeMap<String, Discover>,
}

impl Servers {
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.discover.is_empty()
    }
}

/// Adds to what the configuration itself has those of all files that these patterns
/// match; relative ones begin where the configuration file is. A pattern may match
/// nothing yet, a file that is named outright must be there.
pub fn include(
    mut servers: Servers,
    patterns: &[String],
    configuration: Option<&Path>,
) -> Result<Servers, Error> {
    let beside = configuration.and_then(Path::parent).unwrap_or(Path::new(""));
    let itself = configuration.unwrap_or(Path::new("the environment"));
    let names = |kind: &str, name: &String| (format!("{kind}.{name}"), itself.to_owned());
    let mut places: BTreeMap<_, _> = servers
        .targets
        .keys()
        .map(|name| names("targets", name))
        .chain(servers.discover.keys().map(|name| names("discover", name)))
        .collect();
    let mut once = |section: String, path: &Path| match places.insert(section.clone(), path.into())
    {
        Some(first) => Err(Error::Twice { section, first, second: path.to_owned() }),
        None => Ok(()),
    };
    for pattern in patterns {
        for path in files(pattern, beside)? {
            let more: Servers = file::parse(&path, &read(&path)?)?;
            for (name, target) in more.targets {
                once(format!("targets.{name}"), &path)?;
                servers.targets.insert(name, target);
            }
            for (name, discover) in more.discover {
                once(format!("discover.{name}"), &path)?;
                servers.discover.insert(name, discover);
            }
        }
    }
    Ok(servers)
}

fn files(pattern: &str, beside: &Path) -> Result<Vec<PathBuf>, Error> {
    let whole = beside.join(pattern);
    let wrong = |message: String| Error::Include { pattern: pattern.to_owned(), message };
    let paths = glob::glob(&whole.to_string_lossy()).map_err(|error| wrong(error.to_string()))?;
    let paths: Vec<_> =
        paths.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    if paths.is_empty() && !pattern.contains(['*', '?', '[']) {
        return Err(wrong("there is no such file".to_owned()));
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)], patterns: &[&str]) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("targets.d")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let patterns: Vec<_> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let written = "[targets.main]\ndsn = 'host=m'\n[discover.main]\nreplicas_of = 'main'";
        let path = folder.path().join("pglens.toml");
        include(file::parse(&path, written).unwrap(), &patterns, Some(&path))
            .map(|all| all.targets.into_keys().chain(all.discover.into_keys()).collect())
            .map_err(|error| error.to_string().replace(&*folder.path().to_string_lossy(), ""))
    }

    const ORDERS: (&str, &str) = ("targets.d/orders.toml", "[targets.orders]\ndsn = 'host=a'");

    #[test]
    fn files_are_found_beside_the_configuration() {
        let billing = ("targets.d/billing.toml", "[targets.billing]\ndsn = 'host=b'");
        let shop = ("targets.d/shop.toml", "[discover.shop]\nreplicas_of = 'orders'");
        let found = read(&[ORDERS, billing, shop], &["targets.d/*.toml"]).unwrap();
        assert_eq!(found, ["billing", "main", "orders", "main", "shop"]);
        assert_eq!(read(&[], &["targets.d/*.toml"]).unwrap(), ["main", "main"]);
    }

    #[test]
    fn what_is_wrong_is_said_where() {
        let said = |files: &[(&str, &str)], pattern: &str| read(files, &[pattern]).unwrap_err();
        let missing = said(&[], "targets.d/orders.toml");
        assert_eq!(missing, "target_files: \"targets.d/orders.toml\": there is no such file");
        let again = ("targets.d/z.toml", ORDERS.1);
        let twice = said(&[ORDERS, again], "targets.d/*.toml");
        let expected = "[targets.orders] is in /targets.d/orders.toml and in /targets.d/z.toml";
        assert_eq!(twice, expected);
        for section in ["targets.main", "discover.main"] {
            let again = format!("[{section}]");
            let twice = said(&[("targets.d/z.toml", &again)], "targets.d/*.toml");
            assert_eq!(twice, format!("[{section}] is in /pglens.toml and in /targets.d/z.toml"));
        }
        let wrong = ("targets.d/a.toml", "[targets.a]\ndns = 'host=a password=canary-4711'");
        let message = said(&[wrong], "targets.d/*");
        assert!(message.starts_with("/targets.d/a.toml:2: unknown field `dns`"), "{message}");
        assert!(!message.contains("canary"), "{message}");
        assert!(said(&[], "a/**b").starts_with("target_files: \"a/**b\": "));
    }
}
