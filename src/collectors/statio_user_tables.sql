-- The view, with what ranks tables: how large, how many blocks asked for.
-- NULL is what the view has where there is no index or no TOAST relation, of which no
-- block was read.
select
  current_database()::text               as datname,
  s.schemaname::text                     as schemaname,
  s.relname::text                        as relname,
  s.relid::text                          as "key:oid",
  c.relpages::float8                     as "rank:pages",
  (
    s.heap_blks_read + coalesce(s.idx_blks_read, 0) + coalesce(s.toast_blks_read, 0)
  )::float8                              as "growth:read",
  (
    s.heap_blks_hit + coalesce(s.idx_blks_hit, 0) + coalesce(s.toast_blks_hit, 0)
  )::float8                              as "growth:hit",
  s.heap_blks_read::float8               as pg_statio_user_tables_heap_blocks_read,
  s.heap_blks_hit::float8                as pg_statio_user_tables_heap_blocks_hit,
  coalesce(s.idx_blks_read, 0)::float8   as pg_statio_user_tables_idx_blocks_read,
  coalesce(s.idx_blks_hit, 0)::float8    as pg_statio_user_tables_idx_blocks_hit,
  coalesce(s.toast_blks_read, 0)::float8 as pg_statio_user_tables_toast_blocks_read,
  coalesce(s.toast_blks_hit, 0)::float8  as pg_statio_user_tables_toast_blocks_hit,
  coalesce(s.tidx_blks_read, 0)::float8  as pg_statio_user_tables_tidx_blocks_read,
  coalesce(s.tidx_blks_hit, 0)::float8   as pg_statio_user_tables_tidx_blocks_hit
from pg_catalog.pg_statio_user_tables s
join pg_catalog.pg_class c on c.oid = s.relid
where c.relpersistence <> 't'
