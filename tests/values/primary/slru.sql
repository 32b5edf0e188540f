-- The view, column by column, under the names that 17 gave.
select new as name,
  blks_zeroed as pg_stat_slru_blks_zeroed_total,
  blks_hit as pg_stat_slru_blks_hit_total,
  blks_read as pg_stat_slru_blks_read_total,
  blks_written as pg_stat_slru_blks_written_total,
  blks_exists as pg_stat_slru_blks_exists_total,
  flushes as pg_stat_slru_flushes_total,
  truncates as pg_stat_slru_truncates_total,
  extract(epoch from stats_reset) as pg_stat_slru_stats_reset_timestamp_seconds
from pg_stat_slru
join (
  values ('CommitTs', 'commit_timestamp'), ('MultiXactMember', 'multixact_member'),
    ('MultiXactOffset', 'multixact_offset'), ('Notify', 'notify'), ('Serial', 'serializable'),
    ('Subtrans', 'subtransaction'), ('Xact', 'transaction'), ('other', 'other')
) as renamed (old, new) on old = name
