-- The view, column by column, and pages as the catalog has them.
select current_database() as datname, schemaname, relname, indexrelname,
  idx_scan as pg_stat_user_indexes_idx_scan_total,
  idx_tup_read as pg_stat_user_indexes_idx_tup_read_total,
  idx_tup_fetch as pg_stat_user_indexes_idx_tup_fetch_total,
  extract(epoch from last_idx_scan) as pg_stat_user_indexes_last_idx_scan_timestamp_seconds,
  8192 * (select relpages from pg_class where oid = indexrelid) as pg_stat_user_indexes_size_bytes
from pg_stat_user_indexes
