-- The view, column by column.
select slot_name, slot_type, wal_status, 1 as pg_replication_slot_wal_status,
  safe_wal_size as pg_replication_slot_safe_wal_size_bytes
from pg_replication_slots where not temporary
