-- Two sessions cannot analyze one table at once, so name and phase are unique.
-- Another database's relation has only its oid here.
select
  p.datname::text                                                                as datname,
  coalesce(
    case when n.nspname = 'public' then c.relname::text else n.nspname || '.' || c.relname end,
    p.relid::text
  )                                                                              as relname,
  p.phase::text                                                                  as phase,
  p.sample_blks_scanned::float8 / nullif(p.sample_blks_total, 0)                 as pg_stat_progress_analyze_sample_ratio,
  p.sample_blks_total::float8                                                    as pg_stat_progress_analyze_sample_blocks,
  p.child_tables_total::float8                                                   as pg_stat_progress_analyze_child_tables,
  p.child_tables_done::float8                                                    as pg_stat_progress_analyze_child_tables_done
from pg_catalog.pg_stat_progress_analyze p
left join pg_catalog.pg_class c
  on c.oid = p.relid and p.datname = current_database()
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
order by p.sample_blks_total desc
