-- A lock on a transaction belongs to no database, and neither does one on a
-- shared catalog: both count for the database of the session that asks.
-- Waits come first, should the rows have to be cut.
select
  coalesce(d.datname, a.datname)::text as datname,
  l.locktype::text as locktype,
  l.mode::text as mode,
  l.granted::text as granted,
  count(*)::float8 as pg_locks_by_type
from pg_catalog.pg_locks l
left join pg_catalog.pg_database d on d.oid = l.database
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.pid is distinct from pg_backend_pid()
  and not (l.locktype = 'virtualxid' and l.mode = 'ExclusiveLock' and l.granted)
group by 1, 2, 3, 4
order by 4, 5 desc
