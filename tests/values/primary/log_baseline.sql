-- The scene logs as the lesson wants it.
select setting, wanted, 1 as pg_log_baseline_met
from (values ('logging_collector', 'on'), ('log_min_duration_statement', '0 to 1s'),
  ('log_line_prefix', 'time, process, user and database'), ('log_connections', 'on'),
  ('log_disconnections', 'on'), ('log_lock_waits', 'on'), ('log_checkpoints', 'on'),
  ('log_autovacuum_min_duration', '0'), ('log_rotation_age', 'up to 1d'),
  ('log_rotation_size', 'up to 100MB')) as lesson (setting, wanted)
