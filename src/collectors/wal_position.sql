-- A primary counts flushed WAL: what is only inserted a crash may take back. A
-- standby that restarts stands lower until it has replayed again what it had
-- received, which the transform rising hides ("rising:<metric>"): to Prometheus a
-- counter that falls has begun anew from zero.
-- pg_current_wal_*() fails in recovery, hence the CASE around every call. A restarted
-- receiver claims the start of a segment, below what is replayed.
-- The control file knows a timeline only since the last (restart) checkpoint: a
-- cascading standby is on 2 while its control file still says 1. The WAL receiver
-- knows better, and timelines only rise.
select
    s.in_recovery::int::float8 as pg_replication_is_replica,
    case
        when s.in_recovery
        then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) - '0/0'::pg_lsn
        else pg_catalog.pg_current_wal_flush_lsn() - '0/0'::pg_lsn
    end::float8 as "rising:pg_wal_position_bytes_total",
    case
        when not s.in_recovery
        then greatest(0, pg_catalog.pg_current_wal_insert_lsn() - pg_catalog.pg_current_wal_flush_lsn())
    end::float8 as pg_wal_unflushed_bytes,
    case
        when s.in_recovery
        then pg_catalog.pg_last_wal_replay_lsn() - '0/0'::pg_lsn
    end::float8 as "rising:pg_wal_replay_position_bytes_total",
    case
        when s.in_recovery
        then greatest(
            (select received_tli from pg_catalog.pg_stat_wal_receiver),
            (select timeline_id from pg_catalog.pg_control_checkpoint())
        )
        else ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int
    end::float8 as pg_wal_timeline_id
from (select pg_catalog.pg_is_in_recovery() as in_recovery) as s
