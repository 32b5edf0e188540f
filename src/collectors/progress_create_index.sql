-- Several indexes of one table may be built at once, and until it is done an
-- index often has no oid to tell it by, so builds in one phase are one row: the
-- slowest. Blocks measure the phases that scan, rows those that load, lockers
-- those that wait. Another database's relation has only its oid here.
select
  p.datname::text                                                          as datname,
  coalesce(
    case when n.nspname = 'public' then c.relname::text else n.nspname || '.' || c.relname end,
    p.relid::text
  )                                                                        as relname,
  lower(p.command)::text                                                   as command,
  p.phase::text                                                            as phase,
  count(*)::float8                                                         as pg_stat_progress_create_index_runs,
  min(
    coalesce(
      p.blocks_done::float8 / nullif(p.blocks_total, 0),
      p.tuples_done::float8 / nullif(p.tuples_total, 0),
      p.lockers_done::float8 / nullif(p.lockers_total, 0)
    )
  )                                                                        as pg_stat_progress_create_index_ratio,
  (count(*) filter (where p.current_locker_pid <> 0))::float8              as pg_stat_progress_create_index_blocked_runs
from pg_catalog.pg_stat_progress_create_index p
left join pg_catalog.pg_class c
  on c.oid = p.relid and p.datname = current_database()
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
group by 1, 2, 3, 4
order by count(*) desc
