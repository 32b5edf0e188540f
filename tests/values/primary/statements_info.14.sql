-- All of them, what fits, and what had to go.
select count(*) as pg_stat_statements_entries, 5000 as pg_stat_statements_entries_limit,
  (select dealloc from pg_stat_statements_info) as pg_stat_statements_evictions_total,
  (select extract(epoch from stats_reset) from pg_stat_statements_info)
    as pg_stat_statements_stats_reset_timestamp_seconds
from pg_stat_statements
