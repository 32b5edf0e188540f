-- The WAL of one slot is gone.
select 'lost' as slot_name, 'physical' as slot_type, 'wal_removed' as reason, 1 as pg_replication_slot_invalidated
