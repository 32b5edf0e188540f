-- Archiving worked, and fails now. A segment has a mebibyte, so 4096 of them have a name's middle in common.
select archived_count as pg_stat_archiver_archived_count,
  failed_count as pg_stat_archiver_failed_count,
  extract(epoch from clock_timestamp() - last_archived_time) as pg_stat_archiver_last_archive_age,
  extract(epoch from clock_timestamp() - last_failed_time) as pg_stat_archiver_last_failure_age_seconds,
  1 as pg_stat_archiver_failing,
  (pg_current_wal_lsn() - '0/0') - 1048576 * (1 + last) as pg_stat_archiver_lag_bytes,
  floor((pg_current_wal_lsn() - '0/0') / 1048576) - (1 + last) as pg_stat_archiver_lag_segments,
  extract(epoch from stats_reset) as pg_stat_archiver_stats_reset_timestamp_seconds
from (select *, ('x' || right(last_archived_wal, 8))::bit(32)::int as last from pg_stat_archiver) archiver
