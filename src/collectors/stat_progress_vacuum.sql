-- One row a run, and one for each phase that it may be in.
with run as materialized (
  select
    p.*,
    -- A name where there is one, as regclass writes it with the usual search
    -- path. Another database's relation has only its oid here, and the same oid
    -- may be another table of this one.
    coalesce(
      case when n.nspname = 'public' then c.relname::text else n.nspname || '.' || c.relname end,
      p.relid::text
    ) as relname
  from pg_catalog.pg_stat_progress_vacuum p
  left join pg_catalog.pg_class c
    on c.oid = p.relid and p.datname = current_database()
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  order by p.heap_blks_total desc
  limit 50
)
select
  p.datname::text                                             as datname,
  p.relname::text                                             as relname,
  null::text                                                  as phase,
  p.heap_blks_total::float8                                   as pg_stat_progress_vacuum_heap_blks,
  p.heap_blks_scanned::float8                                 as pg_stat_progress_vacuum_heap_blks_scanned,
  p.heap_blks_vacuumed::float8                                as pg_stat_progress_vacuum_heap_blks_vacuumed,
  p.index_vacuum_count::float8                                as pg_stat_progress_vacuum_index_vacuums,
  p.max_dead_tuples::float8                                   as pg_stat_progress_vacuum_max_dead_tuples,
  p.num_dead_tuples::float8                                   as pg_stat_progress_vacuum_num_dead_tuples,
  p.heap_blks_scanned::float8 / nullif(p.heap_blks_total, 0)  as pg_stat_progress_vacuum_scanned_ratio,
  null::float8                                                as pg_stat_progress_vacuum_phase
from run p
union all
select
  p.datname::text,
  p.relname,
  f.phase,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  (p.phase = f.phase)::int::float8
from run p
cross join (
  values
    ('initializing'),
    ('scanning heap'),
    ('vacuuming indexes'),
    ('vacuuming heap'),
    ('cleaning up indexes'),
    ('truncating heap'),
    ('performing final cleanup')
) f (phase)
