-- The view, column by column, where anything happened at all.
select backend_type, object, context,
  reads as pg_stat_io_reads_total,
  writes as pg_stat_io_writes_total,
  extends as pg_stat_io_extends_total,
  writebacks as pg_stat_io_writebacks_total,
  fsyncs as pg_stat_io_fsyncs_total,
  hits as pg_stat_io_hits_total,
  evictions as pg_stat_io_evictions_total,
  reuses as pg_stat_io_reuses_total,
  read_time / 1000 as pg_stat_io_read_time_seconds_total,
  write_time / 1000 as pg_stat_io_write_time_seconds_total,
  extend_time / 1000 as pg_stat_io_extend_time_seconds_total,
  writeback_time / 1000 as pg_stat_io_writeback_time_seconds_total,
  fsync_time / 1000 as pg_stat_io_fsync_time_seconds_total,
  8192 * reads as pg_stat_io_read_bytes_total,
  8192 * writes as pg_stat_io_write_bytes_total,
  8192 * extends as pg_stat_io_extend_bytes_total,
  null as pg_stat_io_stats_reset_timestamp_seconds
from pg_stat_io
where 0 < any (array[reads, writes, extends, writebacks, fsyncs, hits, evictions, reuses])
union all
select null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, extract(epoch from min(stats_reset))
from pg_stat_io
