-- Functions of one name and different arguments are parts of one.
select
  current_database()::text      as datname,
  f.schemaname::text            as schemaname,
  f.funcname::text              as funcname,
  f.funcid::text                as "part:oid",
  f.calls::float8               as pg_stat_user_functions_calls_total,
  (f.total_time / 1000)::float8 as pg_stat_user_functions_seconds_total,
  (f.self_time / 1000)::float8  as pg_stat_user_functions_self_seconds_total
from pg_catalog.pg_stat_user_functions f
