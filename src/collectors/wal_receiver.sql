-- A receiver that its upstream refuses (no such slot, WAL removed) is started anew
-- every few seconds, and claims to stream each time. It has heard nothing as long as
-- the times of sending and receipt are both the time of its start.
-- No row in pg_stat_wal_receiver means that nothing is received, which is a 0 and
-- not an unknown. The guard covers a promotion between the plan and this query:
-- pg_is_wal_replay_paused() fails outside recovery.
select
    coalesce(
        r.status = 'streaming' and r.last_msg_receipt_time <> r.last_msg_send_time,
        false
    )::int::float8 as pg_stat_wal_receiver_streaming,
    case
        when r.last_msg_receipt_time <> r.last_msg_send_time
        then greatest(0, extract(epoch from pg_catalog.clock_timestamp() - r.last_msg_receipt_time))
    end::float8 as pg_stat_wal_receiver_message_age_seconds,
    case
        when r.last_msg_receipt_time <> r.last_msg_send_time
        then extract(epoch from r.last_msg_receipt_time - r.last_msg_send_time)
    end::float8 as pg_stat_wal_receiver_message_latency_seconds,
    case
        when s.in_recovery
        then pg_catalog.pg_is_wal_replay_paused()
    end::int::float8 as pg_wal_replay_paused
from (select pg_catalog.pg_is_in_recovery() as in_recovery) as s
left join pg_catalog.pg_stat_wal_receiver as r on true
