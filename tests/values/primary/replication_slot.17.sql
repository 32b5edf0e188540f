-- Three slots that nobody reads; one is lost, and holds nothing back.
select slot_name, slot_type, 0 as pg_replication_slot_active,
  case when slot_name <> 'lost' then pg_current_wal_lsn() - restart_lsn end as pg_replication_slot_retained_wal_bytes,
  case when slot_name <> 'lost' then pg_current_wal_lsn() - confirmed_flush_lsn end
    as pg_replication_slot_confirmed_flush_lag_bytes,
  case when slot_name <> 'lost' then age(xmin) end as pg_replication_slot_xmin_age_transactions,
  case when slot_name <> 'lost' then age(catalog_xmin) end as pg_replication_slot_catalog_xmin_age_transactions,
  case when two_phase then 1 else 0 end as pg_replication_slot_two_phase,
  case when slot_type = 'logical' then 0 end as pg_replication_slot_conflicting,
  extract(epoch from clock_timestamp() - inactive_since) as pg_replication_slot_inactive_seconds,
  case when slot_name = 'decoded' then 1 else 0 end as pg_replication_slot_failover,
  0 as pg_replication_slot_synced
from pg_replication_slots where not temporary
