with ages as (
  select
    p.database::text as datname,
    count(p.gid)::float8 as transactions,
    greatest(max(extract(epoch from clock_timestamp() - p.prepared)), 0)::float8 as oldest
  from pg_catalog.pg_prepared_xacts p
  group by grouping sets ((), (p.database))
)
select
  a.datname as datname,
  case when a.datname is null then a.transactions end as pg_prepared_transactions,
  case
    when a.datname is null then current_setting('max_prepared_transactions')::float8
  end as pg_prepared_transactions_max,
  case when a.datname is null then a.oldest end as pg_prepared_transactions_oldest_seconds,
  case when a.datname is not null then a.transactions end as pg_prepared_transactions_by_database,
  case when a.datname is not null then a.oldest end as pg_prepared_transactions_oldest_by_database_seconds
from ages a
order by (a.datname is null) desc, a.oldest desc
