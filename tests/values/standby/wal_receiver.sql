-- It streams, replay is paused, and the last message may be a new one at any moment.
select count(*) as pg_stat_wal_receiver_streaming,
  array[0, 60] as pg_stat_wal_receiver_message_age_seconds,
  array[0, 60] as pg_stat_wal_receiver_message_latency_seconds,
  1 as pg_wal_replay_paused
from pg_stat_wal_receiver where status = 'streaming'
