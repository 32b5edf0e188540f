-- Databases that nobody may connect to are left out, as postgres_exporter does,
-- although they count for wraparound: database_freeze has them.
select
  d.datname::text as datname,
  pg_catalog.age(d.datfrozenxid)::float8 as pg_database_wraparound_age_datfrozenxid_seconds,
  pg_catalog.mxid_age(d.datminmxid)::float8 as pg_database_wraparound_age_datminmxid_seconds
from pg_catalog.pg_database d
where d.datallowconn
order by 2 desc, 1
