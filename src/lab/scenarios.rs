//! Incidents of the lessons, made on throwaway servers: one file each.
//!
//! `pglens lab` runs a scenario for a person; the tests run the same code and
//! hold it against its own declaration.

use super::scenario::Scenario;

/// Declares the modules and the list of them in one place.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        /// All of them.
        pub const ALL: &[&Scenario] = &[$(&$name::SCENARIO),*];
    };
}

scenarios! {
    blocking_chain,
    idle_in_transaction,
    replica_lag_paused_replay,
}

/// Why there is no such scenario, with the one that was probably meant.
#[derive(Debug, thiserror::Error)]
#[error("there is no scenario \"{name}\"{}; see pglens lab list", similar(.name))]
pub struct Unknown {
    name: String,
}

pub fn find(name: &str) -> Result<&'static Scenario, Unknown> {
    let found = ALL.iter().copied().find(|scenario| scenario.name == name);
    found.ok_or_else(|| Unknown { name: name.to_owned() })
}

fn similar(name: &str) -> String {
    let distance = |scenario: &&Scenario| strsim::damerau_levenshtein(name, scenario.name);
    let nearest = ALL.iter().copied().min_by_key(distance);
    // Somebody may also know only a word of it.
    let containing = ALL.iter().copied().find(|scenario| scenario.name.contains(name));
    let guess = nearest.filter(|nearest| distance(nearest) <= 3).or(containing);
    guess.map(|guess| format!(", did you mean \"{}\"?", guess.name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_is_answered_with_a_near_one() {
        let said = |name| find(name).map(|found| found.name).map_err(|error| error.to_string());
        assert_eq!(said("blocking-chain"), Ok("blocking-chain"));
        let error = said("blocking_chian").unwrap_err();
        assert!(error.contains("did you mean \"blocking-chain\"?"), "{error}");
        let error = said("lag").unwrap_err();
        assert!(error.contains("did you mean \"replica-lag"), "{error}");
        let error = said("elephants").unwrap_err();
        assert_eq!(error, "there is no scenario \"elephants\"; see pglens lab list");
    }

    #[test]
    fn every_scenario_says_what_it_is() {
        for scenario in ALL {
            let Scenario { name, lessons, happens, look_at, healing, .. } = scenario;
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(!name.is_empty() && name.chars().all(kebab), "{name}");
            assert!(!lessons.is_empty(), "{name}");
            for lesson in *lessons {
                assert!(crate::lessons::section(lesson).is_some(), "{name}: {lesson}");
            }
            for text in [happens, look_at, healing] {
                assert!(text.ends_with('.'), "{name}: {text}");
            }
            assert_eq!(ALL.iter().filter(|other| other.name == *name).count(), 1, "{name}");
        }
    }

    #[test]
    fn every_metric_that_moves_is_declared() {
        let catalog = crate::catalog::Catalog::builtin().unwrap();
        for scenario in ALL {
            for change in scenario.moves {
                assert!(catalog.declares(change.metric), "{}: {change}", scenario.name);
            }
        }
    }
}
