-- pg_control names the last completed checkpoint, on a standby the last
-- restartpoint. CASE keeps the primary's function from being called on a standby,
-- where it would be an error. A position that is not known yet stays NULL.
select
    greatest(extract(epoch from clock_timestamp() - checkpoint_time), 0)::float8 as pg_checkpoint_age_seconds,
    wal::float8 as pg_checkpoint_wal_bytes,
    max_wal_size::float8 as pg_checkpoint_max_wal_size_bytes,
    (wal / max_wal_size)::float8 as pg_checkpoint_wal_ratio,
    (max_wal_size / (1 + current_setting('checkpoint_completion_target')::float8))::float8 as pg_checkpoint_trigger_bytes,
    full_page_writes::int4::float8 as pg_checkpoint_full_page_writes
from (
    select
        checkpoint_time,
        full_page_writes,
        pg_size_bytes(current_setting('max_wal_size')) as max_wal_size,
        case when position >= redo_lsn then position - redo_lsn when position < redo_lsn then 0 end as wal
    from pg_catalog.pg_control_checkpoint()
    cross join (
        select
            case
                when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
                else pg_catalog.pg_current_wal_insert_lsn()
            end as position
    ) as server
) as checkpoint
