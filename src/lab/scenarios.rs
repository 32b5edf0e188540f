//! Incidents of the lessons, made on throwaway servers: one file each.
//!
//! `pglens lab` runs a scenario for a person; the tests run the same code and
//! hold it against its own declaration.

mod archive_stale;
mod archiver_failing;
mod authentication_failures;
mod autovacuum_saturated;
mod backend_fsync;
mod blocking_chain;
mod broken_configuration_file;
mod broken_hba_file;
mod checkpoint_storm;
mod checksum_failure;
mod collector_blocked;
mod collector_denied;
mod connection_churn;
mod connections_leaking;
mod connections_used_up;
mod ddl_queue;
mod dead_tuples;
mod deadlocks;
mod discovery_denied;
mod exporter_gone;
mod exporter_paused;
mod idle_in_transaction;
mod index_bloat;
mod invalid_index;
mod load_saturated;
mod lock_table_near_full;
mod log_errors;
mod log_panic;
mod logging_blind;
mod logical_apply_error;
mod long_running_query;
mod long_transaction;
mod low_cache_hit_ratio;
mod multixact_age;
mod no_primary;
mod orphaned_prepared_transaction;
mod pending_restart;
mod pool_paused;
mod pool_saturated;
mod pooler_clients_used_up;
mod pooler_gone;
mod postgres_gone;
mod recovery_conflicts;
mod replica_lag_bytes;
mod replica_lag_cut_network;
mod replica_lag_dead_receiver;
mod replica_lag_paused_replay;
mod restart_loop;
mod rollback_storm;
mod row_lock_pile_up;
mod sequence_near_its_end;
mod series_capped;
mod sessions_ending_abnormally;
mod slot_about_to_be_lost;
mod slot_inactive;
mod slot_lost;
mod slow_connect;
mod slow_statement;
mod stale_statistics;
mod statements_evicted;
mod sync_standby_missing;
mod table_bloat;
mod temp_file_spill;
mod transaction_id_age;
mod transaction_id_burn;
mod two_primaries;
mod unsafe_setting;
mod vacuum_overdue;
mod wal_growing;
mod wal_rate_spike;
mod xmin_held_by_backend;
mod xmin_held_by_prepared_transaction;
mod xmin_held_by_slot;
mod xmin_held_by_standby;

use super::scenario::Scenario;

/// All of them.
pub const ALL: &[&Scenario] = &[
    &archive_stale::SCENARIO,
    &archiver_failing::SCENARIO,
    &authentication_failures::SCENARIO,
    &autovacuum_saturated::SCENARIO,
    &backend_fsync::SCENARIO,
    &blocking_chain::SCENARIO,
    &broken_configuration_file::SCENARIO,
    &broken_hba_file::SCENARIO,
    &checkpoint_storm::SCENARIO,
    &checksum_failure::SCENARIO,
    &collector_blocked::SCENARIO,
    &collector_denied::SCENARIO,
    &connection_churn::SCENARIO,
    &connections_leaking::SCENARIO,
    &connections_used_up::SCENARIO,
    &ddl_queue::SCENARIO,
    &dead_tuples::SCENARIO,
    &deadlocks::SCENARIO,
    &discovery_denied::SCENARIO,
    &exporter_gone::SCENARIO,
    &exporter_paused::SCENARIO,
    &idle_in_transaction::SCENARIO,
    &index_bloat::SCENARIO,
    &invalid_index::SCENARIO,
    &load_saturated::SCENARIO,
    &lock_table_near_full::SCENARIO,
    &log_errors::SCENARIO,
    &log_panic::SCENARIO,
    &logging_blind::SCENARIO,
    &logical_apply_error::SCENARIO,
    &long_running_query::SCENARIO,
    &long_transaction::SCENARIO,
    &low_cache_hit_ratio::SCENARIO,
    &multixact_age::SCENARIO,
    &no_primary::SCENARIO,
    &orphaned_prepared_transaction::SCENARIO,
    &pending_restart::SCENARIO,
    &pool_paused::SCENARIO,
    &pool_saturated::SCENARIO,
    &pooler_clients_used_up::SCENARIO,
    &pooler_gone::SCENARIO,
    &postgres_gone::SCENARIO,
    &recovery_conflicts::SCENARIO,
    &replica_lag_bytes::SCENARIO,
    &replica_lag_cut_network::SCENARIO,
    &replica_lag_dead_receiver::SCENARIO,
    &replica_lag_paused_replay::SCENARIO,
    &restart_loop::SCENARIO,
    &rollback_storm::SCENARIO,
    &row_lock_pile_up::SCENARIO,
    &sequence_near_its_end::SCENARIO,
    &series_capped::SCENARIO,
    &sessions_ending_abnormally::SCENARIO,
    &slot_about_to_be_lost::SCENARIO,
    &slot_inactive::SCENARIO,
    &slot_lost::SCENARIO,
    &slow_connect::SCENARIO,
    &slow_statement::SCENARIO,
    &stale_statistics::SCENARIO,
    &statements_evicted::SCENARIO,
    &sync_standby_missing::SCENARIO,
    &table_bloat::SCENARIO,
    &temp_file_spill::SCENARIO,
    &transaction_id_age::SCENARIO,
    &transaction_id_burn::SCENARIO,
    &two_primaries::SCENARIO,
    &unsafe_setting::SCENARIO,
    &vacuum_overdue::SCENARIO,
    &wal_growing::SCENARIO,
    &wal_rate_spike::SCENARIO,
    &xmin_held_by_backend::SCENARIO,
    &xmin_held_by_prepared_transaction::SCENARIO,
    &xmin_held_by_slot::SCENARIO,
    &xmin_held_by_standby::SCENARIO,
];

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
    use crate::dashboards::PROCESS;

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
    fn every_file_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lab/scenarios");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), ALL.len());
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
                let of_process = PROCESS.iter().any(|(name, ..)| *name == change.metric);
                let declared = of_process || catalog.declares(change.metric);
                assert!(declared, "{}: {change}", scenario.name);
            }
        }
    }
}
