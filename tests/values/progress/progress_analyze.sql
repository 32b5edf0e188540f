-- One partition is read, the other goes slowly; and autovacuum's worker has read all.
select datname, relid::regclass as relname, phase,
  sample_blks_scanned / sample_blks_total::numeric as pg_stat_progress_analyze_sample_ratio,
  sample_blks_total as pg_stat_progress_analyze_sample_blocks,
  child_tables_total as pg_stat_progress_analyze_child_tables,
  child_tables_done as pg_stat_progress_analyze_child_tables_done
from pg_stat_progress_analyze
