-- One cascade, with the slot of its name.
select 'cascade' as application_name, '127.0.0.1' as client_addr, 'streaming' as state, 'cascade' as slot_name,
  pg_last_wal_receive_lsn() - '0/0' as pg_stat_replication_pg_current_wal_lsn_bytes,
  array[0, 1000000] as pg_stat_replication_pg_wal_lsn_diff
