-- Roles near their limit come first: those are the ones that fail to connect.
select
  r.rolname::text as rolname,
  count(a.pid)::float8 as pg_connections_role_used,
  nullif(r.rolconnlimit, -1)::float8 as pg_connections_role_limit,
  count(a.pid) / nullif(greatest(r.rolconnlimit, 0), 0)::float8 as pg_connections_role_used_ratio
from pg_catalog.pg_roles r
left join pg_catalog.pg_stat_activity a
  on a.usesysid = r.oid and a.backend_type = 'client backend'
where r.rolcanlogin
group by r.rolname, r.rolconnlimit
having count(a.pid) > 0
  or r.rolconnlimit >= 0
order by 4 desc nulls last, 2 desc, 1
