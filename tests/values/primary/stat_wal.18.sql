-- The view, and what pg_stat_io says of WAL but for the making of segments.
select wal_records as pg_stat_wal_records_total,
  wal_fpi as pg_stat_wal_fpi_total,
  wal_bytes as pg_stat_wal_bytes_total,
  wal_buffers_full as pg_stat_wal_buffers_full_total,
  (select sum(writes) from pg_stat_io where object = 'wal' and context = 'normal') as pg_stat_wal_writes_total,
  (select sum(fsyncs) from pg_stat_io where object = 'wal' and context = 'normal') as pg_stat_wal_syncs_total,
  (select sum(write_time) / 1000 from pg_stat_io where object = 'wal' and context = 'normal')
    as pg_stat_wal_write_time_seconds_total,
  (select sum(fsync_time) / 1000 from pg_stat_io where object = 'wal' and context = 'normal')
    as pg_stat_wal_sync_time_seconds_total,
  extract(epoch from stats_reset) as pg_stat_wal_stats_reset_timestamp_seconds
from pg_stat_wal
