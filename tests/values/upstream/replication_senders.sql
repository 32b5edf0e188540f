-- The view, sender by sender; each has a name of its own. Who is not paused may have
-- to read a moment's WAL, and reports its delays when it likes. Who copies a table has
-- no position yet.
select application_name, host(client_addr) as client_addr,
  1 as pg_stat_replication_senders,
  case state when 'streaming' then 1 else 0 end as pg_stat_replication_streaming,
  case application_name when 'repmgr_slot_7' then 1 else 0 end as pg_stat_replication_is_standby,
  case state when 'streaming' then array[0, 1000000] end as pg_stat_replication_sent_lag_bytes,
  case state when 'streaming' then array[0, 1000000] end as pg_stat_replication_write_lag_bytes,
  case state when 'streaming' then array[0, 1000000] end as pg_stat_replication_flush_lag_bytes,
  case when application_name = 'repmgr_slot_7' then to_json(pg_current_wal_lsn() - replay_lsn)
    when state = 'streaming' then '[0, 1000000]' end as pg_stat_replication_replay_lag_bytes,
  array[null, 60] as pg_stat_replication_reported_write_lag_seconds,
  array[null, 60] as pg_stat_replication_reported_flush_lag_seconds,
  array[null, 60] as pg_stat_replication_reported_replay_lag_seconds,
  case state when 'streaming' then array[0, 60] end as pg_stat_replication_reply_age_seconds,
  age(backend_xmin) as pg_stat_replication_backend_xmin_age_transactions
from pg_stat_replication
