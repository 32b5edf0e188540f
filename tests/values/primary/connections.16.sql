-- Sessions counted by state; a poll has one session, as we have. Two slots are reserved.
select null as state, null as pg_connections_by_state,
  count(*) as pg_connections_used,
  50 as pg_connections_max,
  3 as pg_connections_superuser_reserved,
  2 as pg_connections_reserved,
  50 - 5 as pg_connections_available,
  count(*) / (50 - 5)::numeric as pg_connections_used_ratio
from pg_stat_activity where backend_type = 'client backend'
union all
select state, (select count(*) from pg_stat_activity a where a.state = s.state and backend_type = 'client backend'),
  null, null, null, null, null, null
from unnest(array['active', 'idle', 'idle in transaction', 'idle in transaction (aborted)',
  'fastpath function call', 'disabled', 'starting']) as s (state)
