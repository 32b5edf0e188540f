-- Catalogs are in it, because they hold the database back as much as any table;
-- so are temporary tables, which only their own session can freeze. greatest()
-- passes over the NULL of a table without TOAST.
select
  current_database()::text as datname,
  n.nspname::text          as schemaname,
  c.relname::text          as relname,
  greatest(pg_catalog.age(c.relfrozenxid), pg_catalog.age(t.relfrozenxid))::float8        as pg_table_frozenxid_age,
  greatest(pg_catalog.mxid_age(c.relminmxid), pg_catalog.mxid_age(t.relminmxid))::float8  as pg_table_minmxid_age
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
where c.relkind in ('r', 'm')
  and c.relfrozenxid <> '0'::xid
order by
  greatest(
    pg_catalog.age(c.relfrozenxid),
    pg_catalog.age(t.relfrozenxid),
    pg_catalog.mxid_age(c.relminmxid),
    pg_catalog.mxid_age(t.relminmxid)
  ) desc,
  c.relpages desc
limit 20
