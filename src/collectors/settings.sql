-- Every metric has a name of its own, so every setting is a column here. A setting
-- that this version lacks, or that our own session overrides, is NULL: what we see
-- of it is not what others get. Values are in base units; -1 means "off" or "no
-- limit" and stays what it is, as in postgres_exporter.
with setting as materialized (
    select
        name,
        setting as value,
        pending_restart,
        case
            when vartype = 'bool' then (setting = 'on')::int4::float8
            when setting ~ '^-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$' then
                setting::float8 * case
                    when setting::float8 = -1 then 1
                    when unit = 'ms' then 0.001
                    when unit = 'min' then 60
                    when unit = 'h' then 3600
                    when unit = 'd' then 86400
                    when unit = 'kB' then 1024
                    when unit = 'MB' then 1048576
                    when unit ~ '^[0-9]+kB$' then 1024 * substring(unit from '^[0-9]+')::int8
                    else 1
                end
        end as number
    from pg_catalog.pg_settings
    where source not in ('client', 'session')
)
select
    max(number) filter (where name = 'max_connections')::float8 as pg_settings_max_connections,
    max(number) filter (where name = 'superuser_reserved_connections')::float8 as pg_settings_superuser_reserved_connections,
    max(number) filter (where name = 'reserved_connections')::float8 as pg_settings_reserved_connections,
    max(number) filter (where name = 'max_worker_processes')::float8 as pg_settings_max_worker_processes,
    max(number) filter (where name = 'max_parallel_workers')::float8 as pg_settings_max_parallel_workers,
    max(number) filter (where name = 'max_wal_senders')::float8 as pg_settings_max_wal_senders,
    max(number) filter (where name = 'max_replication_slots')::float8 as pg_settings_max_replication_slots,
    max(number) filter (where name = 'max_prepared_transactions')::float8 as pg_settings_max_prepared_transactions,
    max(number) filter (where name = 'max_locks_per_transaction')::float8 as pg_settings_max_locks_per_transaction,
    max(number) filter (where name = 'deadlock_timeout')::float8 as pg_settings_deadlock_timeout_seconds,
    max(number) filter (where name = 'shared_buffers')::float8 as pg_settings_shared_buffers_bytes,
    max(number) filter (where name = 'effective_cache_size')::float8 as pg_settings_effective_cache_size_bytes,
    max(number) filter (where name = 'work_mem')::float8 as pg_settings_work_mem_bytes,
    max(number) filter (where name = 'hash_mem_multiplier')::float8 as pg_settings_hash_mem_multiplier,
    max(number) filter (where name = 'maintenance_work_mem')::float8 as pg_settings_maintenance_work_mem_bytes,
    max(number) filter (where name = 'autovacuum_work_mem')::float8 as pg_settings_autovacuum_work_mem_bytes,
    max(number) filter (where name = 'temp_file_limit')::float8 as pg_settings_temp_file_limit_bytes,
    max(number) filter (where name = 'wal_buffers')::float8 as pg_settings_wal_buffers_bytes,
    max(number) filter (where name = 'block_size')::float8 as pg_settings_block_size,
    max(number) filter (where name = 'random_page_cost')::float8 as pg_settings_random_page_cost,
    max(number) filter (where name = 'seq_page_cost')::float8 as pg_settings_seq_page_cost,
    max(number) filter (where name = 'max_wal_size')::float8 as pg_settings_max_wal_size_bytes,
    max(number) filter (where name = 'min_wal_size')::float8 as pg_settings_min_wal_size_bytes,
    max(number) filter (where name = 'wal_segment_size')::float8 as pg_settings_wal_segment_size_bytes,
    max(number) filter (where name = 'wal_keep_size')::float8 as pg_settings_wal_keep_size_bytes,
    max(number) filter (where name = 'max_slot_wal_keep_size')::float8 as pg_settings_max_slot_wal_keep_size_bytes,
    max(number) filter (where name = 'idle_replication_slot_timeout')::float8 as pg_settings_idle_replication_slot_timeout_seconds,
    max(number) filter (where name = 'checkpoint_timeout')::float8 as pg_settings_checkpoint_timeout_seconds,
    max(number) filter (where name = 'checkpoint_completion_target')::float8 as pg_settings_checkpoint_completion_target,
    max(number) filter (where name = 'archive_timeout')::float8 as pg_settings_archive_timeout_seconds,
    max(number) filter (where name = 'hot_standby_feedback')::float8 as pg_settings_hot_standby_feedback,
    max(number) filter (where name = 'max_standby_streaming_delay')::float8 as pg_settings_max_standby_streaming_delay_seconds,
    max(number) filter (where name = 'fsync')::float8 as pg_settings_fsync,
    max(number) filter (where name = 'full_page_writes')::float8 as pg_settings_full_page_writes,
    max(number) filter (where name = 'data_checksums')::float8 as pg_settings_data_checksums,
    max(number) filter (where name = 'autovacuum')::float8 as pg_settings_autovacuum,
    max(number) filter (where name = 'track_counts')::float8 as pg_settings_track_counts,
    max(number) filter (where name = 'track_activities')::float8 as pg_settings_track_activities,
    max(number) filter (where name = 'track_io_timing')::float8 as pg_settings_track_io_timing,
    max(number) filter (where name = 'track_wal_io_timing')::float8 as pg_settings_track_wal_io_timing,
    max(number) filter (where name = 'ssl')::float8 as pg_settings_ssl,
    max(number) filter (where name = 'autovacuum_max_workers')::float8 as pg_settings_autovacuum_max_workers,
    max(number) filter (where name = 'autovacuum_naptime')::float8 as pg_settings_autovacuum_naptime_seconds,
    max(number) filter (where name = 'autovacuum_vacuum_threshold')::float8 as pg_settings_autovacuum_vacuum_threshold,
    max(number) filter (where name = 'autovacuum_vacuum_scale_factor')::float8 as pg_settings_autovacuum_vacuum_scale_factor,
    max(number) filter (where name = 'autovacuum_vacuum_max_threshold')::float8 as pg_settings_autovacuum_vacuum_max_threshold,
    max(number) filter (where name = 'autovacuum_vacuum_insert_threshold')::float8 as pg_settings_autovacuum_vacuum_insert_threshold,
    max(number) filter (where name = 'autovacuum_vacuum_insert_scale_factor')::float8 as pg_settings_autovacuum_vacuum_insert_scale_factor,
    max(number) filter (where name = 'autovacuum_analyze_threshold')::float8 as pg_settings_autovacuum_analyze_threshold,
    max(number) filter (where name = 'autovacuum_analyze_scale_factor')::float8 as pg_settings_autovacuum_analyze_scale_factor,
    max(number) filter (where name = 'autovacuum_vacuum_cost_limit')::float8 as pg_settings_autovacuum_vacuum_cost_limit,
    max(number) filter (where name = 'autovacuum_vacuum_cost_delay')::float8 as pg_settings_autovacuum_vacuum_cost_delay_seconds,
    max(number) filter (where name = 'autovacuum_freeze_max_age')::float8 as pg_settings_autovacuum_freeze_max_age,
    max(number) filter (where name = 'autovacuum_multixact_freeze_max_age')::float8 as pg_settings_autovacuum_multixact_freeze_max_age,
    max(number) filter (where name = 'vacuum_failsafe_age')::float8 as pg_settings_vacuum_failsafe_age,
    max(number) filter (where name = 'vacuum_multixact_failsafe_age')::float8 as pg_settings_vacuum_multixact_failsafe_age,
    max(number) filter (where name = 'logging_collector')::float8 as pg_settings_logging_collector,
    max(number) filter (where name = 'log_min_duration_statement')::float8 as pg_settings_log_min_duration_statement_seconds,
    max(number) filter (where name = 'log_autovacuum_min_duration')::float8 as pg_settings_log_autovacuum_min_duration_seconds,
    max(number) filter (where name = 'log_disconnections')::float8 as pg_settings_log_disconnections,
    max((value not in ('', 'off', 'false', 'no', '0'))::int4) filter (where name = 'log_connections')::float8
        as pg_settings_log_connections,
    max(number) filter (where name = 'log_lock_waits')::float8 as pg_settings_log_lock_waits,
    max(number) filter (where name = 'log_checkpoints')::float8 as pg_settings_log_checkpoints,
    max(number) filter (where name = 'log_temp_files')::float8 as pg_settings_log_temp_files_bytes,
    max(number) filter (where name = 'log_rotation_age')::float8 as pg_settings_log_rotation_age_seconds,
    max(number) filter (where name = 'log_rotation_size')::float8 as pg_settings_log_rotation_size_bytes,
    max((value <> 'off')::int4) filter (where name = 'archive_mode')::float8 as pg_settings_archive_mode_on,
    count(*) filter (where pending_restart)::float8 as pg_settings_pending_restart
from setting
