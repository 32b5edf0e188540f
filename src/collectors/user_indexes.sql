-- Sizes from the catalog, because pg_relation_size waits behind DDL.
select
  current_database()::text                                      as datname,
  s.schemaname::text                                            as schemaname,
  s.relname::text                                               as relname,
  s.indexrelname::text                                          as indexrelname,
  s.indexrelid::text                                            as "key:oid",
  s.idx_scan::float8                                            as pg_stat_user_indexes_idx_scan_total,
  s.idx_tup_read::float8                                        as pg_stat_user_indexes_idx_tup_read_total,
  s.idx_tup_fetch::float8                                       as pg_stat_user_indexes_idx_tup_fetch_total,
  (c.relpages * current_setting('block_size')::float8)          as pg_stat_user_indexes_size_bytes
from pg_catalog.pg_stat_user_indexes s
join pg_catalog.pg_class c on c.oid = s.indexrelid
where c.relpersistence <> 't'
