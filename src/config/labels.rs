//! Labels that the user puts on all series of a target.

use std::collections::BTreeSet;

use super::{Discover, Error, Lister, Target};
use crate::catalog::Catalog;

/// Refuses labels that Prometheus would not take, and those that would stand twice on
/// a series.
pub fn check(
    targets: &[Target],
    discover: &[Discover],
    constant: &[(String, String)],
    catalog: &Catalog,
) -> Result<(), Error> {
    let constant: BTreeSet<&str> = constant.iter().map(|(name, _)| name.as_str()).collect();
    // A column of the user's own query goes before a label of the target.
    let collectors = catalog.collectors().iter().filter(|one| !one.from_queries_yaml);
    let taken: BTreeSet<&str> =
        collectors.flat_map(|collector| collector.labels.iter().map(String::as_str)).collect();
    let wrong = |label: &str| match label {
        _ if !is_a_label(label) => Some("write letters, digits and _, no digit first"),
        "target" => Some("this is the target's name, and on every series already"),
        _ if constant.contains(label) => Some("--constantLabels has it already"),
        _ if taken.contains(label) => Some("collectors have a label of that name"),
        _ => None,
    };
    let written = targets.iter().map(|target| (format!("targets.{}", target.name), target, None));
    let found = discover.iter().map(|section| {
        // Members of a Patroni cluster carry its name.
        let implied = matches!(section.lister, Lister::Patroni(_)).then_some("cluster");
        (format!("discover.{}", section.name), &section.template, implied)
    });
    for (place, target, implied) in written.chain(found) {
        let labels = target.labels.keys().map(String::as_str).chain(implied);
        for label in labels {
            if let Some(message) = wrong(label) {
                return Err(Error::Label { place, label: label.to_owned(), message });
            }
        }
    }
    Ok(())
}

/// Names that begin with two underscores are Prometheus' own.
fn is_a_label(name: &str) -> bool {
    let mut letters = name.chars();
    let is_first = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    letters.next().is_some_and(is_first)
        && letters.all(|letter| is_first(letter) || letter.is_ascii_digit())
        && !name.starts_with("__")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsn::Source;

    #[test]
    fn a_label_stands_once_on_a_series() {
        let catalog = Catalog::builtin().unwrap();
        let said = |label: &str| {
            let mut target = Target::new("orders", Source::parse("host=db").unwrap());
            target.labels.insert(label.to_owned(), "x".to_owned());
            let constant = [("region".to_owned(), "eu".to_owned())];
            check(&[target], &[], &constant, &catalog).err().map(|error| error.to_string())
        };
        assert_eq!(said("cluster"), None);
        assert_eq!(said("_team2"), None);
        for (label, message) in [
            ("target", "this is the target's name, and on every series already"),
            ("region", "--constantLabels has it already"),
            ("datname", "collectors have a label of that name"),
            ("2nd", "write letters, digits and _, no digit first"),
            ("__name__", "write letters, digits and _, no digit first"),
            ("", "write letters, digits and _, no digit first"),
        ] {
            let expected = format!("labels of targets.orders: \"{label}\": {message}");
            assert_eq!(said(label), Some(expected));
        }
    }
}
