-- Entries that are not fast-path, by object and by transaction; the sizes are the settings'.
with slow as (
  select to_jsonb(l) - array['virtualtransaction', 'pid', 'mode', 'granted', 'fastpath', 'waitstart'] as object, virtualtransaction
  from pg_locks l where not fastpath and mode <> 'SIReadLock'
)
select count(distinct object) as pg_lock_table_objects,
  64 * (50 + 5 + 8 + 10 + 3 + 1) as pg_lock_table_object_slots,
  count(distinct (object, virtualtransaction)) as pg_lock_table_holders,
  128 * (50 + 5 + 8 + 10 + 3 + 1) as pg_lock_table_holder_slots,
  greatest(count(distinct object), count(distinct (object, virtualtransaction)) / 2.0) / (64 * (50 + 5 + 8 + 10 + 3 + 1))
    as pg_lock_table_used_ratio
from slow
