-- A backend holds rows back by its snapshot, and by its own transaction while
-- it has none. VACUUM's own snapshot holds back nobody and is left out, and so
-- is ours. A lost slot still shows its xmin but no longer counts. A standby that
-- uses a slot holds by the slot, so walsenders are the standbys without one.
with holders (holder, age) as (
  select
    'backend',
    greatest(max(age(a.backend_xmin)), max(age(a.backend_xid)))
  from pg_catalog.pg_stat_activity a
  where a.pid <> pg_backend_pid()
    and a.backend_type <> 'walsender'
    and not exists (select from pg_catalog.pg_stat_progress_vacuum v where v.pid = a.pid)
  union all
  select
    'standby',
    max(age(w.backend_xmin))
  from pg_catalog.pg_stat_replication w
  union all
  select
    'replication_slot',
    max(age(s.xmin))
  from pg_catalog.pg_replication_slots s
  where s.wal_status is distinct from 'lost'
  union all
  select
    'replication_slot_catalog',
    max(age(s.catalog_xmin))
  from pg_catalog.pg_replication_slots s
  where s.wal_status is distinct from 'lost'
  union all
  select
    'prepared_transaction',
    max(age(p.transaction))
  from pg_catalog.pg_prepared_xacts p
),
known as (
  select
    h.holder::text as holder,
    greatest(max(h.age), 0)::float8 as age
  from holders h
  group by grouping sets ((), (h.holder))
)
select
  k.holder as holder,
  case when k.holder is not null then k.age end as pg_xmin_horizon_age_transactions,
  case when k.holder is null then k.age end as pg_xmin_horizon_oldest_age_transactions
from known k
order by k.age desc, k.holder
