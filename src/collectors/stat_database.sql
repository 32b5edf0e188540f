-- The row of datid 0 (shared catalogs) is no database: database_shared has it.
-- A time of 0 says nothing unless timing is on, so ours is absent then; the
-- drop-in name keeps the 0 that its dashboards know.
select
    datid::text as datid,
    datname::text as datname,
    numbackends::float8 as pg_stat_database_numbackends,
    xact_commit::float8 as pg_stat_database_xact_commit,
    xact_rollback::float8 as pg_stat_database_xact_rollback,
    blks_read::float8 as pg_stat_database_blks_read,
    blks_hit::float8 as pg_stat_database_blks_hit,
    tup_returned::float8 as pg_stat_database_tup_returned,
    tup_fetched::float8 as pg_stat_database_tup_fetched,
    tup_inserted::float8 as pg_stat_database_tup_inserted,
    tup_updated::float8 as pg_stat_database_tup_updated,
    tup_deleted::float8 as pg_stat_database_tup_deleted,
    conflicts::float8 as pg_stat_database_conflicts,
    temp_files::float8 as pg_stat_database_temp_files,
    temp_bytes::float8 as pg_stat_database_temp_bytes,
    deadlocks::float8 as pg_stat_database_deadlocks,
    blk_read_time::float8 as pg_stat_database_blk_read_time,
    blk_write_time::float8 as pg_stat_database_blk_write_time,
    coalesce(extract(epoch from stats_reset), 0)::float8 as pg_stat_database_stats_reset,
    case when timed or blk_read_time > 0 then blk_read_time / 1000 end::float8 as pg_stat_database_blk_read_time_seconds_total,
    case when timed or blk_write_time > 0 then blk_write_time / 1000 end::float8 as pg_stat_database_blk_write_time_seconds_total,
    checksum_failures::float8 as pg_stat_database_checksum_failures_total,
    extract(epoch from checksum_last_failure)::float8 as pg_stat_database_checksum_last_failure_timestamp_seconds,
    extract(epoch from stats_reset)::float8 as pg_stat_database_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_database
cross join (select current_setting('track_io_timing')::bool as timed) as clock
where datid <> 0
order by xact_commit + xact_rollback desc
