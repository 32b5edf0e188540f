-- postgres_exporter reads only the first group of its own query; here each one is
-- a row. "idle in transaction" and its aborted form count as idle there and here.
select
  state::text as state,
  application_name::text as application_name,
  count(*) filter (where idle <=   1)::float8 as "pg_process_idle_seconds:le:1",
  count(*) filter (where idle <=   2)::float8 as "pg_process_idle_seconds:le:2",
  count(*) filter (where idle <=   5)::float8 as "pg_process_idle_seconds:le:5",
  count(*) filter (where idle <=  15)::float8 as "pg_process_idle_seconds:le:15",
  count(*) filter (where idle <=  30)::float8 as "pg_process_idle_seconds:le:30",
  count(*) filter (where idle <=  60)::float8 as "pg_process_idle_seconds:le:60",
  count(*) filter (where idle <=  90)::float8 as "pg_process_idle_seconds:le:90",
  count(*) filter (where idle <= 120)::float8 as "pg_process_idle_seconds:le:120",
  count(*) filter (where idle <= 300)::float8 as "pg_process_idle_seconds:le:300",
  sum(idle)::float8 as "pg_process_idle_seconds:sum",
  count(*)::float8 as "pg_process_idle_seconds:count"
from (
  select
    state,
    application_name,
    greatest(extract(epoch from clock_timestamp() - state_change), 0) as idle
  from pg_catalog.pg_stat_activity
  where state like 'idle%'
) as sessions
group by state, application_name
order by count(*) desc, state, application_name
