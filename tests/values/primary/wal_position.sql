-- Where the primary's WAL ends. What is not flushed may be at any moment.
select 0 as pg_replication_is_replica,
  pg_current_wal_flush_lsn() - '0/0' as pg_wal_position_bytes_total,
  array[0, pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn()] as pg_wal_unflushed_bytes,
  null as pg_wal_replay_position_bytes_total,
  1 as pg_wal_timeline_id
