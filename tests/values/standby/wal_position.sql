-- It has received more than it has replayed.
select 1 as pg_replication_is_replica,
  pg_last_wal_receive_lsn() - '0/0' as pg_wal_position_bytes_total,
  null as pg_wal_unflushed_bytes,
  pg_last_wal_replay_lsn() - '0/0' as pg_wal_replay_position_bytes_total,
  1 as pg_wal_timeline_id
