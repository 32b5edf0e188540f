-- The view, capped at the tables that matter: alternately the largest and those
-- that ask for most blocks.
select
  current_database()::text        as datname,
  s.schemaname::text              as schemaname,
  s.relname::text                 as relname,
  s.heap_blks_read::float8        as pg_statio_user_tables_heap_blocks_read,
  s.heap_blks_hit::float8         as pg_statio_user_tables_heap_blocks_hit,
  s.idx_blks_read::float8         as pg_statio_user_tables_idx_blocks_read,
  s.idx_blks_hit::float8          as pg_statio_user_tables_idx_blocks_hit,
  s.toast_blks_read::float8       as pg_statio_user_tables_toast_blocks_read,
  s.toast_blks_hit::float8        as pg_statio_user_tables_toast_blocks_hit,
  s.tidx_blks_read::float8        as pg_statio_user_tables_tidx_blocks_read,
  s.tidx_blks_hit::float8         as pg_statio_user_tables_tidx_blocks_hit
from pg_catalog.pg_statio_user_tables s
join pg_catalog.pg_class c on c.oid = s.relid
where c.relpersistence <> 't'
order by least(
  row_number() over (order by c.relpages desc),
  row_number() over (
    order by
      s.heap_blks_read + s.heap_blks_hit + coalesce(s.idx_blks_read + s.idx_blks_hit, 0)
      + coalesce(s.toast_blks_read + s.toast_blks_hit, 0) desc
  )
)
