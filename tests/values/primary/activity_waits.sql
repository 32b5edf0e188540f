-- One session sleeps and one waits for a row; the other usual types have nobody.
select unnest(array['CPU', 'Client', 'Extension', 'IO', 'IPC', 'LWLock']) as wait_event_type,
  0 as pg_activity_waiting_sessions
union all
select wait_event_type, count(*) from pg_stat_activity
where state = 'active' and pid <> pg_backend_pid() and backend_type = 'client backend'
group by wait_event_type
