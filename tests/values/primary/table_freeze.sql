-- The age of a table or of its TOAST relation; each is another, as each was frozen alone.
select current_database() as datname, relnamespace::regnamespace as schemaname, relname,
  greatest(age(relfrozenxid), (select age(t.relfrozenxid) from pg_class t where t.oid = c.reltoastrelid)) as pg_table_frozenxid_age,
  greatest(mxid_age(relminmxid), (select mxid_age(t.relminmxid) from pg_class t where t.oid = c.reltoastrelid)) as pg_table_minmxid_age
from pg_class c where relkind in ('r', 'm')
order by 4 desc limit 20
