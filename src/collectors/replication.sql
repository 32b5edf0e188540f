-- The inputs of the transform standby_lag, which explains why no formula over one
-- moment gives a standby's lag. Positions in bytes, ages in seconds.
-- latest_end_lsn is the end of WAL of the sender, whatever its documentation says.
-- The replayed position is read before the received one: in this order their
-- difference cannot turn negative by what arrives in between.
-- A receiver that its upstream refuses (no such slot, WAL removed) is started anew
-- every few seconds, and claims to stream each time. It has heard nothing as long as
-- the times of sending and receipt are both the time of its start: no message then.
-- greatest() ignores NULL, so an unknown age needs the CASE to stay unknown.
select
    s.in_recovery::int::float8 as "standby:in_recovery",
    (pg_catalog.pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::float8 as "standby:replayed",
    (pg_catalog.pg_last_wal_receive_lsn() - '0/0'::pg_lsn)::float8 as "standby:received",
    (r.latest_end_lsn - '0/0'::pg_lsn)::float8 as "standby:upstream_end",
    (r.status is not distinct from 'streaming')::int::float8 as "standby:streaming",
    case
        when r.last_msg_receipt_time <> r.last_msg_send_time
        then greatest(0, extract(epoch from pg_catalog.clock_timestamp() - r.last_msg_receipt_time))
    end::float8 as "standby:message_age",
    extract(
        epoch from pg_catalog.current_setting('wal_receiver_timeout')::interval
    )::float8 as "standby:message_timeout",
    s.transaction_age::float8 as "standby:transaction_age",
    case
        when s.in_recovery
        then s.transaction_age
        else 0
    end::float8 as pg_replication_last_replay_seconds
from (
    select
        pg_catalog.pg_is_in_recovery() as in_recovery,
        case
            when pg_catalog.pg_last_xact_replay_timestamp() is not null
            then greatest(
                0,
                extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())
            )
        end as transaction_age
) as s
left join pg_catalog.pg_stat_wal_receiver as r on true
