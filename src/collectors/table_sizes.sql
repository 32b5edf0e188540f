-- From the catalog's page counts, in one pass over pg_class: pg_table_size and
-- pg_indexes_size open each file and wait behind every ALTER TABLE. The price
-- is that sizes are as of the last VACUUM or ANALYZE, and leave out the free
-- space and visibility maps (a few thousandths of the table).
with index_pages as (
  select
    i.indrelid,
    sum(c.relpages) as pages
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  group by i.indrelid
)
select
  current_database()::text as datname,
  n.nspname::text          as schemaname,
  c.relname::text          as relname,
  c.oid::text              as "key:oid",
  ((c.relpages + coalesce(t.relpages, 0) + coalesce(ti.pages, 0)) * b.bytes)::float8 as pg_stat_user_tables_table_size_bytes,
  (coalesce(ci.pages, 0) * b.bytes)::float8                                          as pg_stat_user_tables_index_size_bytes
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
left join index_pages ci on ci.indrelid = c.oid
left join index_pages ti on ti.indrelid = c.reltoastrelid
cross join (select current_setting('block_size')::float8 as bytes) b
where c.relkind in ('r', 'm')
  and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname !~ '^pg_toast'
