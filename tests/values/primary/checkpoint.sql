-- What pg_control says, and the distance from there.
select extract(epoch from clock_timestamp() - checkpoint_time) as pg_checkpoint_age_seconds,
  pg_current_wal_insert_lsn() - redo_lsn as pg_checkpoint_wal_bytes,
  64 * 1024 * 1024 as pg_checkpoint_max_wal_size_bytes,
  (pg_current_wal_insert_lsn() - redo_lsn) / (64 * 1024 * 1024) as pg_checkpoint_wal_ratio,
  64 * 1024 * 1024 / (1 + current_setting('checkpoint_completion_target')::numeric) as pg_checkpoint_trigger_bytes,
  1 as pg_checkpoint_full_page_writes
from pg_control_checkpoint()
