-- The view, sender by sender; each has the slot of its name, but for the one
-- that copies a table.
select application_name, host(client_addr) as client_addr, state,
  case state when 'streaming' then application_name end as slot_name,
  pg_current_wal_lsn() - '0/0' as pg_stat_replication_pg_current_wal_lsn_bytes,
  case when application_name = 'repmgr_slot_7' then to_json(pg_current_wal_lsn() - replay_lsn)
    when state = 'streaming' then '[0, 1000000]' end as pg_stat_replication_pg_wal_lsn_diff
from pg_stat_replication
