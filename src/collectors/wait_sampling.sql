-- Who is at work? A process with a state (clients, parallel workers, autovacuum,
-- walsenders, logical replication) when it is active; one without (startup,
-- checkpointer, I/O workers, extensions' workers) unless it sleeps in its main
-- loop (Activity), by the clock (Timeout) or in code that we cannot know
-- (Extension). Active without a wait event is on the CPU, or wants to be.
-- A logical walsender that has sent everything is "active" for ever while it
-- waits for more WAL; the event's last letters changed case in 17. Sessions that
-- switched track_activities off do not say whether they are active: left out.
select
  coalesce(a.wait_event_type, 'CPU')::text as wait_event_type,
  coalesce(a.wait_event, 'CPU')::text as wait_event,
  a.backend_type::text as backend_type,
  count(*)::float8 as sessions
from pg_catalog.pg_stat_activity a
where a.pid <> pg_backend_pid()
  and a.wait_event_type is distinct from 'Activity'
  and lower(a.wait_event) is distinct from 'walsenderwaitforwal'
  and (
    a.state in ('active', 'fastpath function call')
    or (
      a.state is null
      and a.backend_type <> 'client backend'
      and coalesce(a.wait_event_type, '') not in ('Timeout', 'Extension')
    )
  )
group by 1, 2, 3
order by 4 desc
