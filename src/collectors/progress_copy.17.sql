-- Many sessions may copy into one table at once; nothing but the pid tells them
-- apart, so they are summed. COPY of a query has no relation and no relname.
-- Another database's relation has only its oid here.
select
  p.datname::text                                   as datname,
  coalesce(
    case when n.nspname = 'public' then c.relname::text else n.nspname || '.' || c.relname end,
    nullif(p.relid, 0)::text
  )                                                 as relname,
  lower(p.command)::text                            as command,
  lower(p.type)::text                               as type,
  count(*)::float8                                  as pg_stat_progress_copy_runs,
  sum(p.bytes_processed)::float8                    as pg_stat_progress_copy_processed_bytes,
  sum(nullif(p.bytes_total, 0))::float8             as pg_stat_progress_copy_source_bytes,
  sum(p.tuples_processed)::float8                   as pg_stat_progress_copy_processed_rows,
  sum(p.tuples_excluded)::float8                    as pg_stat_progress_copy_excluded_rows,
  sum(p.tuples_skipped)::float8                     as pg_stat_progress_copy_skipped_rows
from pg_catalog.pg_stat_progress_copy p
left join pg_catalog.pg_class c
  on c.oid = p.relid and p.datname = current_database()
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
group by 1, 2, 3, 4
order by sum(p.bytes_processed) desc
