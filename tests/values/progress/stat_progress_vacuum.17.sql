-- Each run, and which of the phases it is in.
select datname, relid::regclass as relname, null as phase,
  heap_blks_total as pg_stat_progress_vacuum_heap_blks,
  heap_blks_scanned as pg_stat_progress_vacuum_heap_blks_scanned,
  heap_blks_vacuumed as pg_stat_progress_vacuum_heap_blks_vacuumed,
  index_vacuum_count as pg_stat_progress_vacuum_index_vacuums,
  num_dead_item_ids as pg_stat_progress_vacuum_num_dead_tuples,
  dead_tuple_bytes as pg_stat_progress_vacuum_dead_tuple_bytes,
  max_dead_tuple_bytes as pg_stat_progress_vacuum_max_dead_tuple_bytes,
  indexes_total as pg_stat_progress_vacuum_indexes,
  indexes_processed as pg_stat_progress_vacuum_indexes_processed,
  heap_blks_scanned / heap_blks_total::numeric as pg_stat_progress_vacuum_scanned_ratio,
  null::int as pg_stat_progress_vacuum_phase
from pg_stat_progress_vacuum
union all
select datname, relid::regclass, possible, null, null, null, null, null, null, null, null, null, null, case when phase = possible then 1 else 0 end
from pg_stat_progress_vacuum, unnest(array['initializing', 'scanning heap', 'vacuuming indexes',
  'vacuuming heap', 'cleaning up indexes', 'truncating heap', 'performing final cleanup']) possible
