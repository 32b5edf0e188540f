-- The poll's session is the exporter's and not the superuser's, as ours is.
select 'postgres' as rolname, count(*) - 1 as pg_connections_role_used,
  null as pg_connections_role_limit, null as pg_connections_role_used_ratio
from pg_stat_activity where usename = 'postgres' and backend_type = 'client backend'
union all select 'pglens', 1, 20, 1 / 20.0
union all select 'app', 1, 5, 1 / 5.0
