-- The view, column by column. What an active slot has confirmed is between the last
-- question's answer and the end of WAL.
select slot_name, slot_type, database, wal_status,
  case when active then 1 else 0 end as pg_replication_slots_active,
  case when active then '[0, 1000000]' else to_json(pg_current_wal_lsn() - restart_lsn) end
    as pg_replication_slots_pg_wal_lsn_diff,
  pg_current_wal_lsn() - '0/0' as pg_replication_slots_slot_current_wal_lsn,
  case when active then coalesce(confirmed_flush_lsn, '0/0') - '0/0' end as pg_replication_slots_slot_confirmed_flush_lsn,
  case when active then 1 else 0 end as pg_replication_slots_slot_is_active,
  safe_wal_size as pg_replication_slots_safe_wal_size_bytes,
  1 as pg_replication_slots_wal_status,
  pg_current_wal_lsn() - '0/0' as pg_replication_slot_slot_current_wal_lsn,
  case when active then coalesce(confirmed_flush_lsn, '0/0') - '0/0' end as pg_replication_slot_slot_confirmed_flush_lsn,
  case when active then 1 else 0 end as pg_replication_slot_slot_is_active
from pg_replication_slots where not temporary
