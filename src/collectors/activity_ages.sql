-- Clients only: walsenders, autovacuum and replication workers keep long
-- transactions as a matter of course. A row of the whole server comes first.
-- Sessions that are not in such a state have NULL ages, which max() leaves out,
-- and greatest() with 0 is the truth then: there is none.
with ages as (
  select
    a.datid,
    extract(epoch from clock_timestamp() - a.xact_start)::float8 as transaction,
    case
      when a.state in ('active', 'fastpath function call')
        then extract(epoch from clock_timestamp() - a.query_start)::float8
    end as query,
    case
      when a.state like 'idle in transaction%'
        then extract(epoch from clock_timestamp() - a.state_change)::float8
    end as idle
  from pg_catalog.pg_stat_activity a
  where a.backend_type = 'client backend'
    and a.pid <> pg_backend_pid()
),
oldest as (
  select
    d.datname::text as datname,
    greatest(max(g.transaction), 0) as transaction,
    greatest(max(g.query), 0) as query,
    greatest(max(g.idle), 0) as idle
  from pg_catalog.pg_database d
  left join ages g on g.datid = d.oid
  where d.datallowconn
  group by grouping sets ((), (d.datname))
)
select
  o.datname as datname,
  case when o.datname is null then o.transaction end as pg_activity_oldest_transaction_seconds,
  case when o.datname is null then o.query end as pg_activity_oldest_query_seconds,
  case when o.datname is null then o.idle end as pg_activity_oldest_idle_in_transaction_seconds,
  case when o.datname is not null then o.transaction end as pg_activity_oldest_transaction_by_database_seconds,
  case when o.datname is not null then o.query end as pg_activity_oldest_query_by_database_seconds,
  case when o.datname is not null then o.idle end as pg_activity_oldest_idle_in_transaction_by_database_seconds
from oldest o
order by (o.datname is null) desc, o.transaction desc, o.datname
