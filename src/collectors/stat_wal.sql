-- A time of 0 says nothing unless timing is on, so it is absent then.
select
    wal_records::float8 as pg_stat_wal_records_total,
    wal_fpi::float8 as pg_stat_wal_fpi_total,
    wal_bytes::float8 as pg_stat_wal_bytes_total,
    wal_buffers_full::float8 as pg_stat_wal_buffers_full_total,
    wal_write::float8 as pg_stat_wal_writes_total,
    wal_sync::float8 as pg_stat_wal_syncs_total,
    case when timed or wal_write_time > 0 then wal_write_time / 1000 end::float8 as pg_stat_wal_write_time_seconds_total,
    case when timed or wal_sync_time > 0 then wal_sync_time / 1000 end::float8 as pg_stat_wal_sync_time_seconds_total,
    extract(epoch from stats_reset)::float8 as pg_stat_wal_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_wal
cross join (select current_setting('track_wal_io_timing')::bool as timed) as clock
