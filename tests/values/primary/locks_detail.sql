-- Every lock of others, but for each transaction's own. Prepared ones have no session.
select coalesce(
    (select datname from pg_database d where d.oid = l.database),
    (select datname from pg_stat_activity a where a.pid = l.pid)
  ) as datname,
  locktype, mode, granted, count(*) as pg_locks_by_type
from pg_locks l
where (pid is null or pid <> pg_backend_pid()) and locktype <> 'virtualxid'
group by 1, 2, 3, 4
