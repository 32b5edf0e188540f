-- The oldest of the clients' sessions, each measured by hand.
with others as (
  select *, clock_timestamp() as now from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid()
)
select null as datname,
  extract(epoch from (select max(now - xact_start) from others))
    as pg_activity_oldest_transaction_seconds,
  extract(epoch from (select max(now - query_start) from others where state = 'active'))
    as pg_activity_oldest_query_seconds,
  extract(epoch from (select max(now - state_change) from others where state in ('idle in transaction', 'idle in transaction (aborted)')))
    as pg_activity_oldest_idle_in_transaction_seconds,
  null as pg_activity_oldest_transaction_by_database_seconds,
  null as pg_activity_oldest_query_by_database_seconds,
  null as pg_activity_oldest_idle_in_transaction_by_database_seconds
union all
select d.datname, null, null, null,
  coalesce(extract(epoch from (select max(now - xact_start) from others o where o.datname = d.datname)), 0),
  coalesce(extract(epoch from (select max(now - query_start) from others o where o.datname = d.datname and state = 'active')), 0),
  coalesce(extract(epoch from (select max(now - state_change) from others o where o.datname = d.datname and state in ('idle in transaction', 'idle in transaction (aborted)'))), 0)
from pg_database d where d.datname in ('postgres', 'second', 'template1')
