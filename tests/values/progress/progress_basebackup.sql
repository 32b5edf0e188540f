-- One backup, whose client has stopped reading.
select phase, 1 as pg_stat_progress_basebackup_runs,
  backup_streamed as pg_stat_progress_basebackup_streamed_bytes,
  backup_total as pg_stat_progress_basebackup_size_bytes,
  backup_streamed / backup_total::numeric as pg_stat_progress_basebackup_ratio
from pg_stat_progress_basebackup
