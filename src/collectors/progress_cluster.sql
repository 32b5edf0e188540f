-- The rewrite holds an exclusive lock, so a table has one at most. Another
-- database's relation has only its oid here.
select
  p.datname::text                                                    as datname,
  coalesce(
    case when n.nspname = 'public' then c.relname::text else n.nspname || '.' || c.relname end,
    p.relid::text
  )                                                                  as relname,
  lower(p.command)::text                                             as command,
  p.phase::text                                                      as phase,
  p.heap_blks_scanned::float8 / nullif(p.heap_blks_total, 0)         as pg_stat_progress_cluster_scanned_ratio,
  p.heap_tuples_scanned::float8                                      as pg_stat_progress_cluster_scanned_rows,
  p.heap_tuples_written::float8                                      as pg_stat_progress_cluster_written_rows,
  p.index_rebuild_count::float8                                      as pg_stat_progress_cluster_rebuilt_indexes
from pg_catalog.pg_stat_progress_cluster p
left join pg_catalog.pg_class c
  on c.oid = p.relid and p.datname = current_database()
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
order by p.heap_blks_total desc
