-- As stat_io.sql, but 18 counts bytes itself, since one operation may cover
-- several blocks, and has the WAL as an object, timed by a setting of its own.
select
    backend_type::text as backend_type,
    object::text as object,
    context::text as context,
    reads::float8 as pg_stat_io_reads_total,
    read_bytes::float8 as pg_stat_io_read_bytes_total,
    case when timed or read_time > 0 then read_time / 1000 end::float8 as pg_stat_io_read_time_seconds_total,
    writes::float8 as pg_stat_io_writes_total,
    write_bytes::float8 as pg_stat_io_write_bytes_total,
    case when timed or write_time > 0 then write_time / 1000 end::float8 as pg_stat_io_write_time_seconds_total,
    extends::float8 as pg_stat_io_extends_total,
    extend_bytes::float8 as pg_stat_io_extend_bytes_total,
    case when timed or extend_time > 0 then extend_time / 1000 end::float8 as pg_stat_io_extend_time_seconds_total,
    writebacks::float8 as pg_stat_io_writebacks_total,
    case when timed or writeback_time > 0 then writeback_time / 1000 end::float8 as pg_stat_io_writeback_time_seconds_total,
    fsyncs::float8 as pg_stat_io_fsyncs_total,
    case when timed or fsync_time > 0 then fsync_time / 1000 end::float8 as pg_stat_io_fsync_time_seconds_total,
    hits::float8 as pg_stat_io_hits_total,
    evictions::float8 as pg_stat_io_evictions_total,
    reuses::float8 as pg_stat_io_reuses_total,
    case when row_number() over () = 1 then extract(epoch from stats_reset) end::float8 as pg_stat_io_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_io
cross join lateral (
    select current_setting(case object when 'wal' then 'track_wal_io_timing' else 'track_io_timing' end)::bool as timed
) as clock
cross join lateral (
    select coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0)
    + coalesce(writebacks, 0) + coalesce(fsyncs, 0) + coalesce(hits, 0) + coalesce(evictions, 0) + coalesce(reuses, 0) as operations
) as total
where operations > 0
order by operations desc
