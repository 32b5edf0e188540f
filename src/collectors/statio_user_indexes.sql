-- The view, and how large indexes are, which ranks them.
select
  current_database()::text   as datname,
  s.schemaname::text         as schemaname,
  s.relname::text            as relname,
  s.indexrelname::text       as indexrelname,
  s.indexrelid::text         as "key:oid",
  c.relpages::float8         as "rank:pages",
  s.idx_blks_read::float8    as pg_statio_user_indexes_idx_blks_read_total,
  s.idx_blks_hit::float8     as pg_statio_user_indexes_idx_blks_hit_total
from pg_catalog.pg_statio_user_indexes s
join pg_catalog.pg_class c on c.oid = s.indexrelid
where c.relpersistence <> 't'
