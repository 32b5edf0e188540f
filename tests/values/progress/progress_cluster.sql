-- VACUUM FULL has rewritten the table and one index.
select datname, relid::regclass as relname, 'vacuum full' as command, phase,
  heap_blks_scanned / heap_blks_total::numeric as pg_stat_progress_cluster_scanned_ratio,
  heap_tuples_scanned as pg_stat_progress_cluster_scanned_rows,
  heap_tuples_written as pg_stat_progress_cluster_written_rows,
  index_rebuild_count as pg_stat_progress_cluster_rebuilt_indexes
from pg_stat_progress_cluster
