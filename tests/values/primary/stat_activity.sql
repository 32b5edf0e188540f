-- Each kind of session, and a zero for a state of a database in which nobody is.
select datname, state, usename, application_name, backend_type, wait_event_type, wait_event,
  count(*) as pg_stat_activity_count,
  coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0) as pg_stat_activity_max_tx_duration
from pg_stat_activity
where pid <> pg_backend_pid() and datname is not null and state is not null
group by 1, 2, 3, 4, 5, 6, 7
union all
select datname, state, null, null, null, null, null, 0, 0
from pg_database d, unnest(array['active', 'idle', 'idle in transaction',
  'idle in transaction (aborted)', 'fastpath function call', 'disabled']) as state
where not exists (
  select from pg_stat_activity a where a.datname = d.datname and a.state = state.state and pid <> pg_backend_pid()
)
