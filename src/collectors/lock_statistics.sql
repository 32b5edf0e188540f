-- Written after the documentation of 19: no such server was at hand.
select
  l.locktype::text as locktype,
  l.waits::float8 as pg_stat_lock_waits_total,
  (l.wait_time / 1000)::float8 as pg_stat_lock_wait_seconds_total,
  l.fastpath_exceeded::float8 as pg_stat_lock_fastpath_exceeded_total,
  extract(epoch from l.stats_reset)::float8 as pg_stat_lock_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_lock l
order by l.wait_time desc, l.locktype
