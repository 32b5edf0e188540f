-- A session has no state yet while it starts; 18 calls that "starting".
with sessions as materialized (
  select coalesce(a.state, 'starting') as state
  from pg_catalog.pg_stat_activity a
  where a.backend_type = 'client backend'
),
slots as (
  select
    (select count(*) from sessions)::float8 as used,
    current_setting('max_connections')::float8 as slots,
    current_setting('superuser_reserved_connections')::float8 as superuser,
    current_setting('reserved_connections', true)::float8 as reserved
)
select
  null::text as state,
  null::float8 as pg_connections_by_state,
  c.used as pg_connections_used,
  c.slots as pg_connections_max,
  c.superuser as pg_connections_superuser_reserved,
  c.reserved as pg_connections_reserved,
  c.slots - c.superuser - coalesce(c.reserved, 0) as pg_connections_available,
  c.used / nullif(c.slots - c.superuser - coalesce(c.reserved, 0), 0) as pg_connections_used_ratio
from slots c
union all
select
  t.state::text,
  count(s.state)::float8,
  null,
  null,
  null,
  null,
  null,
  null
from unnest(array[
  'active',
  'idle',
  'idle in transaction',
  'idle in transaction (aborted)',
  'fastpath function call',
  'disabled',
  'starting'
]) as t (state)
left join sessions s on s.state = t.state
group by t.state
