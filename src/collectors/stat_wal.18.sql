-- 18 moved writes and syncs to pg_stat_io. Context "init" is the creation of new
-- segment files, which pg_stat_wal never counted.
select
    wal_records::float8 as pg_stat_wal_records_total,
    wal_fpi::float8 as pg_stat_wal_fpi_total,
    wal_bytes::float8 as pg_stat_wal_bytes_total,
    wal_buffers_full::float8 as pg_stat_wal_buffers_full_total,
    io.writes::float8 as pg_stat_wal_writes_total,
    io.fsyncs::float8 as pg_stat_wal_syncs_total,
    case when timed or io.write_time > 0 then io.write_time / 1000 end::float8 as pg_stat_wal_write_time_seconds_total,
    case when timed or io.fsync_time > 0 then io.fsync_time / 1000 end::float8 as pg_stat_wal_sync_time_seconds_total,
    extract(epoch from stats_reset)::float8 as pg_stat_wal_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_wal
cross join (select current_setting('track_wal_io_timing')::bool as timed) as clock
cross join (
    select
        sum(writes) as writes,
        sum(write_time) as write_time,
        sum(fsyncs) as fsyncs,
        sum(fsync_time) as fsync_time
    from pg_catalog.pg_stat_io
    where object = 'wal'
      and context = 'normal'
) as io
