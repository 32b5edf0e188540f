-- The view, column by column; nobody reads from a slot here.
select slot_name, slot_type, database, wal_status,
  0 as pg_replication_slots_active,
  pg_current_wal_lsn() - restart_lsn as pg_replication_slots_pg_wal_lsn_diff,
  pg_current_wal_lsn() - '0/0' as pg_replication_slots_slot_current_wal_lsn,
  null as pg_replication_slots_slot_confirmed_flush_lsn,
  0 as pg_replication_slots_slot_is_active,
  safe_wal_size as pg_replication_slots_safe_wal_size_bytes,
  1 as pg_replication_slots_wal_status,
  pg_current_wal_lsn() - '0/0' as pg_replication_slot_slot_current_wal_lsn,
  null as pg_replication_slot_slot_confirmed_flush_lsn,
  0 as pg_replication_slot_slot_is_active
from pg_replication_slots where not temporary
