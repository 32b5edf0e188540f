-- The view; two functions of one name are one.
select current_database() as datname, schemaname, funcname,
  sum(calls) as pg_stat_user_functions_calls_total,
  sum(total_time) / 1000 as pg_stat_user_functions_seconds_total,
  sum(self_time) / 1000 as pg_stat_user_functions_self_seconds_total
from pg_stat_user_functions group by 1, 2, 3
