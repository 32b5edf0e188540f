-- The last restartpoint, as pg_control has it, and what was replayed since.
select extract(epoch from clock_timestamp() - checkpoint_time) as pg_checkpoint_age_seconds,
  pg_last_wal_replay_lsn() - redo_lsn as pg_checkpoint_wal_bytes,
  1024 * 1024 * 1024 as pg_checkpoint_max_wal_size_bytes,
  (pg_last_wal_replay_lsn() - redo_lsn) / (1024 * 1024 * 1024) as pg_checkpoint_wal_ratio,
  1024 * 1024 * 1024 / (1 + current_setting('checkpoint_completion_target')::numeric) as pg_checkpoint_trigger_bytes,
  1 as pg_checkpoint_full_page_writes
from pg_control_checkpoint()
