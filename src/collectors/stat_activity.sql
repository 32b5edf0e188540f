-- The shape is postgres_exporter's: a row for every distinct combination, and
-- for each of six states of each database that has nobody in it a row of zeros
-- without the other labels. Processes without a state or a database are left out.
-- The rows of zeros and the smallest groups go first when there are too many.
with sessions as (
  select
    a.datname,
    a.state,
    a.usename,
    a.application_name,
    a.backend_type,
    a.wait_event_type,
    a.wait_event,
    count(*) as sessions,
    max(extract(epoch from clock_timestamp() - a.xact_start)) as seconds
  from pg_catalog.pg_stat_activity a
  where a.pid <> pg_backend_pid()
  group by 1, 2, 3, 4, 5, 6, 7
)
select
  d.datname::text as datname,
  t.state::text as state,
  s.usename::text as usename,
  s.application_name::text as application_name,
  s.backend_type::text as backend_type,
  s.wait_event_type::text as wait_event_type,
  s.wait_event::text as wait_event,
  coalesce(s.sessions, 0)::float8 as pg_stat_activity_count,
  coalesce(s.seconds, 0)::float8 as pg_stat_activity_max_tx_duration
from pg_catalog.pg_database d
cross join unnest(array[
  'active',
  'idle',
  'idle in transaction',
  'idle in transaction (aborted)',
  'fastpath function call',
  'disabled'
]) as t (state)
left join sessions s on s.datname = d.datname and s.state = t.state
order by 8 desc, 9 desc, 1, 2
