-- The two partitions of "events", added up.
select current_database() as datname, 'public' as schemaname, 'events' as relname,
  count(*) as pg_partitioned_table_partitions,
  sum(8192 * (select relpages from pg_class c where c.oid = relid)) as pg_partitioned_table_size_bytes,
  sum(n_live_tup) as pg_partitioned_table_live_tuples,
  sum(n_dead_tup) as pg_partitioned_table_dead_tuples,
  sum(seq_scan) as pg_partitioned_table_seq_scans_total,
  sum(seq_tup_read) as pg_partitioned_table_seq_tuples_total,
  sum(idx_scan) as pg_partitioned_table_idx_scans_total,
  sum(idx_tup_fetch) as pg_partitioned_table_idx_tuples_total,
  sum(n_tup_ins) as pg_partitioned_table_inserted_tuples_total,
  sum(n_tup_upd) as pg_partitioned_table_updated_tuples_total,
  sum(n_tup_hot_upd) as pg_partitioned_table_hot_updated_tuples_total,
  sum(n_tup_del) as pg_partitioned_table_deleted_tuples_total
from pg_stat_user_tables where relname in ('events_1', 'events_2')
