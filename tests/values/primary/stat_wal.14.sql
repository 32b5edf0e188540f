-- The view, column by column.
select wal_records as pg_stat_wal_records_total,
  wal_fpi as pg_stat_wal_fpi_total,
  wal_bytes as pg_stat_wal_bytes_total,
  wal_buffers_full as pg_stat_wal_buffers_full_total,
  wal_write as pg_stat_wal_writes_total,
  wal_sync as pg_stat_wal_syncs_total,
  wal_write_time / 1000 as pg_stat_wal_write_time_seconds_total,
  wal_sync_time / 1000 as pg_stat_wal_sync_time_seconds_total,
  extract(epoch from stats_reset) as pg_stat_wal_stats_reset_timestamp_seconds
from pg_stat_wal
