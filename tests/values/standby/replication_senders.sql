-- The cascade follows what is received here, and has replayed what was sent before.
select application_name, host(client_addr) as client_addr,
  1 as pg_stat_replication_senders,
  1 as pg_stat_replication_streaming,
  1 as pg_stat_replication_is_standby,
  array[0, 1000000] as pg_stat_replication_sent_lag_bytes,
  array[0, 1000000] as pg_stat_replication_write_lag_bytes,
  array[0, 1000000] as pg_stat_replication_flush_lag_bytes,
  array[0, 1000000] as pg_stat_replication_replay_lag_bytes,
  array[null, 60] as pg_stat_replication_reported_write_lag_seconds,
  array[null, 60] as pg_stat_replication_reported_flush_lag_seconds,
  array[null, 60] as pg_stat_replication_reported_replay_lag_seconds,
  array[0, 60] as pg_stat_replication_reply_age_seconds,
  age(backend_xmin) as pg_stat_replication_backend_xmin_age_transactions
from pg_stat_replication
