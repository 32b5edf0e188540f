-- The row of no database.
select blks_read as pg_stat_database_shared_blks_read_total,
  blks_hit as pg_stat_database_shared_blks_hit_total,
  checksum_failures as pg_stat_database_shared_checksum_failures_total,
  extract(epoch from checksum_last_failure) as pg_stat_database_shared_checksum_last_failure_timestamp_seconds
from pg_stat_database where datid = 0
