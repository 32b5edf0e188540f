-- Several WAL senders may share a name and an address; a pid or a port would tell
-- them apart and make a new series at every reconnect, so the worst one speaks.
-- Base backups (state "backup") have no positions and are not replication.
-- A standby is told from other receivers by what it says: a subscriber connects to a
-- database, and pg_receivewal and pg_basebackup never replay. Who has not replied yet
-- is none so far.
-- Inputs of the transform lsn_clock: "lsn:now" is the end of WAL that a sender may
-- ship (pg_current_wal_lsn() fails in recovery; a standby passes on what it has
-- received or already replayed), "lsn:<metric>" a position in bytes. Without any
-- sender one row remains, to feed the clock.
select
    r.application_name::text as application_name,
    pg_catalog.host(r.client_addr)::text as client_addr,
    (w.now - '0/0'::pg_lsn)::float8 as "lsn:now",
    nullif(count(r.pid), 0)::float8 as pg_stat_replication_senders,
    min((r.state = 'streaming')::int)::float8 as pg_stat_replication_streaming,
    case
        when count(r.pid) > 0
        then (count(r.replay_lsn) filter (where a.datid is null) > 0)::int
    end::float8 as pg_stat_replication_is_standby,
    case when min(r.sent_lsn) is not null then greatest(0, w.now - min(r.sent_lsn)) end::float8
        as pg_stat_replication_sent_lag_bytes,
    case when min(r.write_lsn) is not null then greatest(0, w.now - min(r.write_lsn)) end::float8
        as pg_stat_replication_write_lag_bytes,
    case when min(r.flush_lsn) is not null then greatest(0, w.now - min(r.flush_lsn)) end::float8
        as pg_stat_replication_flush_lag_bytes,
    case when min(r.replay_lsn) is not null then greatest(0, w.now - min(r.replay_lsn)) end::float8
        as pg_stat_replication_replay_lag_bytes,
    (min(r.sent_lsn) - '0/0'::pg_lsn)::float8 as "lsn:pg_stat_replication_sent_lag_seconds",
    (min(r.write_lsn) - '0/0'::pg_lsn)::float8 as "lsn:pg_stat_replication_write_lag_seconds",
    (min(r.flush_lsn) - '0/0'::pg_lsn)::float8 as "lsn:pg_stat_replication_flush_lag_seconds",
    (min(r.replay_lsn) - '0/0'::pg_lsn)::float8 as "lsn:pg_stat_replication_replay_lag_seconds",
    null::float8 as "lower_bound:pg_stat_replication_lag_lower_bound",
    extract(epoch from max(r.write_lag))::float8 as pg_stat_replication_reported_write_lag_seconds,
    extract(epoch from max(r.flush_lag))::float8 as pg_stat_replication_reported_flush_lag_seconds,
    extract(epoch from max(r.replay_lag))::float8 as pg_stat_replication_reported_replay_lag_seconds,
    case
        when min(r.reply_time) is not null
        then greatest(0, extract(epoch from pg_catalog.clock_timestamp() - min(r.reply_time)))
    end::float8 as pg_stat_replication_reply_age_seconds,
    max(pg_catalog.age(r.backend_xmin))::float8 as pg_stat_replication_backend_xmin_age_transactions
from (
    select
        case
            when pg_catalog.pg_is_in_recovery()
            then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end as now
) as w
left join pg_catalog.pg_stat_replication as r on r.state <> 'backup'
left join pg_catalog.pg_stat_activity as a on a.pid = r.pid
group by r.application_name, r.client_addr, w.now
order by min(r.replay_lsn) nulls last
