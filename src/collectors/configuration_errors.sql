-- The function behind pg_file_settings: its privilege suffices then, without the
-- view's. What waits for a restart has an error here too, and pg_settings tells it
-- apart: asked for each such line, so that it is asked after the files are read,
-- which is when our session learns what waits. A syntax error has no name.
with line as materialized (
  select f.name
  from pg_catalog.pg_show_all_file_settings() f
  where f.error is not null
)
select count(*)::float8 as pg_configuration_file_errors
from line l
where (
  select s.pending_restart
  from pg_catalog.pg_settings s
  where lower(s.name) = lower(l.name)
) is not true
