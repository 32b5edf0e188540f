-- What has lasted for an hour has lasted for a minute too and counts in both.
select
  t.over::text as over,
  count(*) filter (
    where a.state in ('active', 'fastpath function call')
      and clock_timestamp() - a.query_start > t.length
  )::float8 as pg_activity_long_queries,
  count(*) filter (
    where clock_timestamp() - a.xact_start > t.length
  )::float8 as pg_activity_long_transactions,
  count(*) filter (
    where a.state like 'idle in transaction%'
      and clock_timestamp() - a.state_change > t.length
  )::float8 as pg_activity_long_idle_in_transaction
from (
  values
    ('1m', interval '1 minute'),
    ('5m', interval '5 minutes'),
    ('1h', interval '1 hour')
) as t (over, length)
left join pg_catalog.pg_stat_activity a
  on a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
group by t.over, t.length
order by t.length
