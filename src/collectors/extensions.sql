-- The function instead of the view of its name: the view only joins it with
-- pg_extension. It reads the control file of every extension on the server.
select
  current_database()::text as datname,
  e.extname::text as extname,
  e.extversion::text as version,
  1::float8 as pg_extension_info,
  (a.default_version <> e.extversion)::int::float8 as pg_extension_update_available
from pg_catalog.pg_extension e
left join pg_catalog.pg_available_extensions() a on a.name = e.extname
order by a.default_version <> e.extversion desc nulls last, e.extname
