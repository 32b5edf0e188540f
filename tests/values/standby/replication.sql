-- Replay is paused: it stands, whatever is announced and received.
select latest_end_lsn - pg_last_wal_replay_lsn() as pg_replication_lag_bytes,
  extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) as pg_replication_last_replay_seconds,
  array[0, greatest(0, latest_end_lsn - pg_last_wal_receive_lsn()) + 1000000] as pg_standby_receive_lag_bytes,
  pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn() as pg_standby_replay_lag_bytes
from pg_stat_wal_receiver
