-- A row for each partition, under the name of its root; the transform adds them
-- up, because a sum made here would fall with every partition that is dropped.
select
  current_database()::text                                 as datname,
  n.nspname::text                                          as schemaname,
  root.relname::text                                       as relname,
  root.oid::text                                           as "key:oid",
  s.relid::text                                            as "part:oid",
  1::float8                                                as pg_partitioned_table_partitions,
  (c.relpages * current_setting('block_size')::float8)     as pg_partitioned_table_size_bytes,
  s.n_live_tup::float8                                     as pg_partitioned_table_live_tuples,
  s.n_dead_tup::float8                                     as pg_partitioned_table_dead_tuples,
  s.seq_scan::float8                                       as pg_partitioned_table_seq_scans_total,
  s.seq_tup_read::float8                                   as pg_partitioned_table_seq_tuples_total,
  s.idx_scan::float8                                       as pg_partitioned_table_idx_scans_total,
  s.idx_tup_fetch::float8                                  as pg_partitioned_table_idx_tuples_total,
  s.n_tup_ins::float8                                      as pg_partitioned_table_inserted_tuples_total,
  s.n_tup_upd::float8                                      as pg_partitioned_table_updated_tuples_total,
  s.n_tup_hot_upd::float8                                  as pg_partitioned_table_hot_updated_tuples_total,
  s.n_tup_del::float8                                      as pg_partitioned_table_deleted_tuples_total,
  (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::float8        as "growth:written"
from pg_catalog.pg_class c
join pg_catalog.pg_stat_user_tables s on s.relid = c.oid
join pg_catalog.pg_class root on root.oid = pg_catalog.pg_partition_root(c.oid)
join pg_catalog.pg_namespace n on n.oid = root.relnamespace
where c.relispartition
  and c.relkind = 'r'
  and c.relpersistence <> 't'
