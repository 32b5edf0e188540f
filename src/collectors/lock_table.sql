-- The server sizes two hash tables by one number of slots: one entry for every
-- locked object, and, twice as many, one for every process at such an object.
-- The second fills first where many sessions lock the same hundreds of
-- partitions. From 18 on autovacuum's processes are counted by slots.
with used as (
  select
    count(*)::float8 as objects,
    coalesce(sum(o.holders), 0)::float8 as holders
  from (
    select count(*) as holders
    from (
      select distinct
        l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
        l.transactionid, l.classid, l.objid, l.objsubid, l.virtualtransaction
      from pg_catalog.pg_locks l
      where not l.fastpath
        and l.mode <> 'SIReadLock'
    ) h
    group by
      h.locktype, h.database, h.relation, h.page, h.tuple, h.virtualxid,
      h.transactionid, h.classid, h.objid, h.objsubid
  ) o
),
made_for as (
  select
    current_setting('max_locks_per_transaction')::float8 * (
      current_setting('max_connections')::float8
      + current_setting('max_prepared_transactions')::float8
      + current_setting('max_worker_processes')::float8
      + current_setting('max_wal_senders')::float8
      + coalesce(
        current_setting('autovacuum_worker_slots', true)::float8 + 1,
        current_setting('autovacuum_max_workers')::float8
      )
      + 1
    ) as slots
)
select
  u.objects as pg_lock_table_objects,
  m.slots as pg_lock_table_object_slots,
  u.holders as pg_lock_table_holders,
  2 * m.slots as pg_lock_table_holder_slots,
  greatest(u.objects, u.holders / 2) / m.slots as pg_lock_table_used_ratio
from used u
cross join made_for m
