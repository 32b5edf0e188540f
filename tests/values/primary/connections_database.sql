-- Only "second" has a limit, which is 7.
select datname,
  (select count(*) from pg_stat_activity a where a.datname = d.datname and backend_type = 'client backend')
    as pg_connections_database_used,
  case datname when 'second' then 7 end as pg_connections_database_limit,
  case datname when 'second' then
    (select count(*) from pg_stat_activity a where a.datname = 'second' and backend_type = 'client backend') / 7.0
  end as pg_connections_database_used_ratio
from pg_database d where datname <> 'template0'
