-- Nothing but the pid tells two backups apart, so those in one phase are one
-- row. The size is an estimate and may be passed; the share stops at 1.
select
  p.phase::text                       as phase,
  count(*)::float8                    as pg_stat_progress_basebackup_runs,
  sum(p.backup_streamed)::float8      as pg_stat_progress_basebackup_streamed_bytes,
  sum(p.backup_total)::float8         as pg_stat_progress_basebackup_size_bytes,
  min(least(p.backup_streamed::float8 / nullif(p.backup_total, 0), 1)) as pg_stat_progress_basebackup_ratio
from pg_catalog.pg_stat_progress_basebackup p
group by p.phase
