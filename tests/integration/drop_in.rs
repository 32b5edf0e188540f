//! What postgres_exporter's users already have must find its metrics and labels:
//! Grafana's dashboard 9628 in both revisions, the postgres_mixin, the rules of
//! awesome-prometheus-alerts that postgres_exporter can serve, and the course.

use std::sync::Arc;

use pglens::lab::Cluster;
use sqlx::Connection;

use crate::contract::polled_with;
use crate::support::{Page, Tested};

/// Dashboard 9628, every panel; the background writer's counters stand with
/// `_total` in the newer revision and without it up to revision 7.
pub const DASHBOARD_9628: &str = "
    pg_static{short_version} pg_postmaster_start_time_seconds
    pg_settings_max_connections pg_settings_shared_buffers_bytes
    pg_settings_effective_cache_size_bytes pg_settings_maintenance_work_mem_bytes
    pg_settings_work_mem_bytes pg_settings_max_wal_size_bytes pg_settings_random_page_cost
    pg_settings_seq_page_cost pg_settings_max_worker_processes pg_settings_max_parallel_workers
    pg_stat_database_tup_fetched{datname} pg_stat_database_tup_inserted{datname}
    pg_stat_database_tup_updated{datname} pg_stat_database_tup_returned{datname}
    pg_stat_database_tup_deleted{datname} pg_stat_database_xact_commit{datname}
    pg_stat_database_xact_rollback{datname} pg_stat_database_blks_hit{datname}
    pg_stat_database_blks_read{datname} pg_stat_database_conflicts{datname}
    pg_stat_database_deadlocks{datname} pg_stat_database_temp_bytes{datname}
    pg_stat_activity_count{datname,state} pg_locks_count{datname,mode}
    pg_stat_bgwriter_buffers_backend_total pg_stat_bgwriter_buffers_alloc_total
    pg_stat_bgwriter_buffers_backend_fsync_total pg_stat_bgwriter_buffers_checkpoint_total
    pg_stat_bgwriter_buffers_clean_total pg_stat_bgwriter_checkpoint_write_time_total
    pg_stat_bgwriter_checkpoint_sync_time_total
    pg_stat_bgwriter_buffers_backend pg_stat_bgwriter_buffers_alloc
    pg_stat_bgwriter_buffers_backend_fsync pg_stat_bgwriter_buffers_checkpoint
    pg_stat_bgwriter_buffers_clean pg_stat_bgwriter_checkpoint_write_time
    pg_stat_bgwriter_checkpoint_sync_time";

/// The mixin's dashboard and rules.
const MIXIN: &str = "
    pg_stat_activity_count{datname,state} pg_stat_activity_max_tx_duration{datname,state}
    pg_settings_max_connections pg_settings_superuser_reserved_connections
    pg_settings_max_locks_per_transaction pg_settings_autovacuum_vacuum_scale_factor
    pg_settings_autovacuum_vacuum_threshold
    pg_stat_database_xact_commit{datname,datid} pg_stat_database_xact_rollback{datname,datid}
    pg_stat_database_blks_hit{datname,datid} pg_stat_database_blks_read{datname,datid}
    pg_stat_database_deadlocks{datname,datid} pg_stat_database_conflicts{datname,datid}
    pg_stat_database_numbackends{datname,datid} pg_stat_database_tup_fetched{datname,datid}
    pg_stat_database_tup_inserted{datname,datid} pg_stat_database_tup_updated{datname,datid}
    pg_stat_database_tup_returned{datname,datid} pg_stat_database_tup_deleted{datname,datid}
    pg_locks_count{datname,mode} pg_replication_is_replica pg_replication_lag
    pg_replication_lag_seconds pg_replication_slots_active{slot_name}
    pg_stat_user_tables_n_dead_tup{datname,schemaname,relname}
    pg_stat_user_tables_n_live_tup{datname,schemaname,relname}
    pg_stat_bgwriter_checkpoints_timed_total pg_stat_bgwriter_checkpoints_req_total
    pg_stat_bgwriter_buffers_clean_total pg_stat_bgwriter_buffers_backend_total
    pg_stat_bgwriter_buffers_checkpoint_total pg_stat_bgwriter_buffers_alloc_total";

/// awesome-prometheus-alerts beyond the mixin's.
const AWESOME: &str = "
    pg_postmaster_start_time_seconds pg_settings_autovacuum_analyze_threshold
    pg_settings_transaction_read_only
    pg_stat_user_tables_n_tup_del{relname} pg_stat_user_tables_n_tup_upd{relname}
    pg_stat_user_tables_n_tup_hot_upd{relname} pg_stat_user_tables_last_autovacuum{relname}
    pg_stat_user_tables_last_autoanalyze{relname}";

/// The course's PromQL and its three rules.
const COURSE: &str = "
    pg_stat_database_xact_commit{datname} pg_stat_database_xact_rollback{datname}
    pg_stat_database_blks_hit{datname} pg_stat_database_blks_read{datname}
    pg_stat_activity_count{datname} pg_replication_lag pg_replication_lag_bytes";

/// Families of the exporter itself come from the process, not from a poll.
const EXPORTER: [&str; 6] = [
    "pg_exporter_last_scrape_duration_seconds",
    "pg_exporter_last_scrape_error",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_virtual_memory_bytes",
    "process_open_fds",
];

async fn everything_is_found(major: u16) -> Tested {
    let primary = Cluster::builder().major(major).setting("wal_level", "logical").start().await?;
    primary.create_monitor().await?;
    primary
        .execute("create table t (id int primary key); insert into t select generate_series(1, 9)")
        .await?;
    primary.execute("select pg_create_physical_replication_slot('s', true)").await?;
    // Somebody idle, for the panel of sessions.
    let idle = primary.connect("postgres").await?;
    primary
        .wait_for(
            "select exists (select from pg_stat_user_tables where n_live_tup = 9)",
            std::time::Duration::from_secs(20),
        )
        .await?;
    let page = polled_with(&primary, Arc::default()).await;
    for (who, wanted) in [
        ("dashboard 9628", DASHBOARD_9628),
        ("postgres_mixin", MIXIN),
        ("awesome-prometheus-alerts", AWESOME),
        ("the course", COURSE),
    ] {
        for selector in wanted.split_whitespace() {
            assert!(is_there(&page, selector), "{who} does not find {selector} on {major}");
        }
    }
    // The dashboard's variable of lock modes is a list of these.
    for mode in ["accessexclusivelock", "accesssharelock", "rowexclusivelock", "sharelock"] {
        assert!(page.has(&format!("mode=\"{mode}\"")), "{mode} on {major}");
    }
    let own = pglens::process::Process::new()?.exposition();
    for name in EXPORTER {
        assert!(own.contains(&format!("# TYPE {name} ")), "{name}");
    }
    idle.close().await?;
    Ok(())
}

/// Whether a series of that name carries these labels.
fn is_there(page: &Page, selector: &str) -> bool {
    let (name, labels) = selector.split_once('{').unwrap_or((selector, ""));
    let labels: Vec<_> =
        labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty()).collect();
    page.family(name)
        .keys()
        .any(|series| labels.iter().all(|label| series.contains(&format!("{label}=\""))))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_on_13() -> Tested {
    everything_is_found(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_on_15() -> Tested {
    everything_is_found(15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_on_17() -> Tested {
    everything_is_found(17).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_on_18() -> Tested {
    everything_is_found(18).await
}
