-- Who holds rows back, each asked alone.
with held (holder, age) as (
  select 'backend', (select max(greatest(age(backend_xmin), age(backend_xid))) from pg_stat_activity where pid <> pg_backend_pid())
  union all select 'standby', 0
  union all select 'replication_slot', (select age(xmin) from pg_replication_slots where slot_name = 'physical')
  union all select 'replication_slot_catalog', (select max(age(catalog_xmin)) from pg_replication_slots)
  union all select 'prepared_transaction', (select max(age(transaction)) from pg_prepared_xacts)
)
select holder, coalesce(age, 0) as pg_xmin_horizon_age_transactions, null as pg_xmin_horizon_oldest_age_transactions from held
union all select null, null, (select max(age) from held)
