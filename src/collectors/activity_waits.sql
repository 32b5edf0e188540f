-- Every usual type has its 0, so that a graph shows a calm server too. The type
-- BufferPin is Buffer from 19 on.
select
  w.wait_event_type::text as wait_event_type,
  count(a.pid)::float8 as pg_activity_waiting_sessions
from (
  select
    s.pid,
    coalesce(s.wait_event_type, 'CPU') as wait_event_type
  from pg_catalog.pg_stat_activity s
  where s.pid <> pg_backend_pid()
    and s.state in ('active', 'fastpath function call')
    and s.backend_type in ('client backend', 'parallel worker')
) a
right join (
  select unnest(array['CPU', 'Client', 'Extension', 'IO', 'IPC', 'Lock', 'LWLock', 'Timeout'])
  union
  select t.wait_event_type
  from pg_catalog.pg_stat_activity t
  where t.backend_type in ('client backend', 'parallel worker')
    and t.state in ('active', 'fastpath function call')
    and t.wait_event_type is not null
) as w (wait_event_type) on w.wait_event_type = a.wait_event_type
group by w.wait_event_type
order by 2 desc, 1
