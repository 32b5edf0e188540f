-- Slots in use, each by the sender of its name, and one that is left.
select slot_name, slot_type,
  (select count(*) from pg_stat_replication where application_name = slot_name) as pg_replication_slot_active,
  case when active then '[0, 1000000]' else to_json(pg_current_wal_lsn() - restart_lsn) end
    as pg_replication_slot_retained_wal_bytes,
  case when confirmed_flush_lsn is null then null when active then '[0, 1000000]' else to_json(pg_current_wal_lsn() - confirmed_flush_lsn) end
    as pg_replication_slot_confirmed_flush_lag_bytes,
  age(xmin) as pg_replication_slot_xmin_age_transactions,
  age(catalog_xmin) as pg_replication_slot_catalog_xmin_age_transactions,
  case when two_phase then 1 else 0 end as pg_replication_slot_two_phase,
  case when slot_type = 'logical' then 0 end as pg_replication_slot_conflicting,
  case when active then 0 else extract(epoch from clock_timestamp() - inactive_since) end
    as pg_replication_slot_inactive_seconds,
  case slot_name when 'works' then 1 else 0 end as pg_replication_slot_failover,
  0 as pg_replication_slot_synced
from pg_replication_slots where not temporary
