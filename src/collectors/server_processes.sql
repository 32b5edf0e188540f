-- Names of background workers come from extensions, hence the cap. The archiver is
-- seen from 14 on; the log collector never is.
select
  t.backend_type::text as backend_type,
  count(a.pid)::float8 as pg_server_processes
from (
  values ('client backend'), ('parallel worker'), ('autovacuum worker'), ('walsender')
  union
  select s.backend_type
  from pg_catalog.pg_stat_activity s
  where s.backend_type is not null
) as t (backend_type)
left join pg_catalog.pg_stat_activity a
  on a.backend_type = t.backend_type and a.pid <> pg_backend_pid()
group by t.backend_type
order by 2 desc, 1
