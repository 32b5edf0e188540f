-- Two sessions copy into one table, one from a file and one from its client.
select datname, relid::regclass as relname, 'copy from' as command, lower(type) as type,
  1 as pg_stat_progress_copy_runs,
  bytes_processed as pg_stat_progress_copy_processed_bytes,
  case when type = 'FILE' then bytes_total end as pg_stat_progress_copy_source_bytes,
  tuples_processed as pg_stat_progress_copy_processed_rows,
  tuples_skipped as pg_stat_progress_copy_skipped_rows,
  tuples_excluded as pg_stat_progress_copy_excluded_rows
from pg_stat_progress_copy
