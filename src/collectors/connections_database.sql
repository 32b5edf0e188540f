-- Clients only: a walsender of logical replication is in a database too, but takes
-- none of its slots.
select
  d.datname::text as datname,
  count(a.pid)::float8 as pg_connections_database_used,
  nullif(d.datconnlimit, -1)::float8 as pg_connections_database_limit,
  count(a.pid) / nullif(greatest(d.datconnlimit, 0), 0)::float8 as pg_connections_database_used_ratio
from pg_catalog.pg_database d
left join pg_catalog.pg_stat_activity a on a.datid = d.oid and a.backend_type = 'client backend'
where d.datallowconn
group by d.datname, d.datconnlimit
order by 2 desc, 1
