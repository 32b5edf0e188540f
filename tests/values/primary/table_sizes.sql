-- Pages as the catalog has them, relation by relation.
select current_database() as datname, schemaname, relname,
  8192 * (
    (select relpages from pg_class where oid = relid)
    + coalesce((select t.relpages from pg_class t join pg_class c on c.reltoastrelid = t.oid where c.oid = relid), 0)
    + coalesce((select i.relpages from pg_class i join pg_index x on x.indexrelid = i.oid
                join pg_class c on c.reltoastrelid = x.indrelid where c.oid = relid), 0)
  ) as pg_stat_user_tables_table_size_bytes,
  8192 * coalesce((select sum(i.relpages) from pg_class i join pg_index x on x.indexrelid = i.oid where x.indrelid = relid), 0)
    as pg_stat_user_tables_index_size_bytes
from pg_stat_user_tables where relname <> 'events'
