//! Targets in files of their own, so that each server can be added and removed by
//! whoever sets it up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::file::{self, Target};
use super::{Error, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Targets {
    #[serde(default)]
    targets: BTreeMap<String, Target>,
}

/// The targets of all files that these patterns match; relative ones begin where
/// the configuration file is. A pattern may match nothing yet, a file that is
/// named outright must be there.
pub fn targets(
    patterns: &[String],
    configuration: Option<&Path>,
) -> Result<BTreeMap<String, (Target, PathBuf)>, Error> {
    let beside = configuration.and_then(Path::parent).unwrap_or(Path::new(""));
    let mut found = BTreeMap::new();
    for pattern in patterns {
        for path in files(pattern, beside)? {
            let text = read(&path)?;
            let Targets { targets } = file::parse(&path, &text)?;
            for (name, target) in targets {
                if let Some((_, first)) = found.insert(name.clone(), (target, path.clone())) {
                    return Err(Error::TargetTwice { name, first, second: path });
                }
            }
        }
    }
    Ok(found)
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
        targets(&patterns, Some(&folder.path().join("pglens.toml")))
            .map(|found| found.into_keys().collect())
            .map_err(|error| error.to_string().replace(&*folder.path().to_string_lossy(), ""))
    }

    const ORDERS: (&str, &str) = ("targets.d/orders.toml", "[targets.orders]\ndsn = 'host=a'");

    #[test]
    fn files_are_found_beside_the_configuration() {
        let billing = ("targets.d/billing.toml", "[targets.billing]\ndsn = 'host=b'");
        let found = read(&[ORDERS, billing], &["targets.d/*.toml"]).unwrap();
        assert_eq!(found, ["billing", "orders"]);
        assert_eq!(read(&[], &["targets.d/*.toml"]), Ok(vec![]));
    }

    #[test]
    fn what_is_wrong_is_said_where() {
        let said = |files: &[(&str, &str)], pattern: &str| read(files, &[pattern]).unwrap_err();
        let missing = said(&[], "targets.d/orders.toml");
        assert_eq!(missing, "target_files: \"targets.d/orders.toml\": there is no such file");
        let again = ("targets.d/z.toml", ORDERS.1);
        let twice = said(&[ORDERS, again], "targets.d/*.toml");
        let expected = "target \"orders\" is in /targets.d/orders.toml and in /targets.d/z.toml";
        assert_eq!(twice, expected);
        let wrong = ("targets.d/a.toml", "[targets.a]\ndns = 'host=a password=canary-4711'");
        let message = said(&[wrong], "targets.d/*");
        assert!(message.starts_with("/targets.d/a.toml:2: unknown field `dns`"), "{message}");
        assert!(!message.contains("canary"), "{message}");
        assert!(said(&[], "a/**b").starts_with("target_files: \"a/**b\": "));
    }
}
