-- Temporary slots are left out: they belong to one session and carry its pid in
-- their name. Inputs of the transform lsn_clock: "lsn:now" is the end of WAL
-- (pg_current_wal_lsn() fails in recovery), "lsn:<metric>" a position in bytes.
-- Without any slot one row remains, to feed the clock.
-- A lost slot still shows positions and transactions, but holds nothing back.
select
    s.slot_name::text as slot_name,
    s.slot_type::text as slot_type,
    (w.now - '0/0'::pg_lsn)::float8 as "lsn:now",
    s.active::int::float8 as pg_replication_slot_active,
    case
        when h.restart_lsn is not null
        then greatest(0, w.now - h.restart_lsn)
    end::float8 as pg_replication_slot_retained_wal_bytes,
    (h.restart_lsn - '0/0'::pg_lsn)::float8 as "lsn:pg_replication_slot_retained_wal_seconds",
    case
        when h.confirmed_flush_lsn is not null
        then greatest(0, w.now - h.confirmed_flush_lsn)
    end::float8 as pg_replication_slot_confirmed_flush_lag_bytes,
    (h.confirmed_flush_lsn - '0/0'::pg_lsn)::float8 as "lsn:pg_replication_slot_confirmed_flush_lag_seconds",
    null::float8 as "lower_bound:pg_replication_slot_lag_lower_bound",
    pg_catalog.age(h.xmin)::float8 as pg_replication_slot_xmin_age_transactions,
    pg_catalog.age(h.catalog_xmin)::float8 as pg_replication_slot_catalog_xmin_age_transactions
from (
    select
        case
            when pg_catalog.pg_is_in_recovery()
            then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end as now
) as w
left join pg_catalog.pg_replication_slots as s on not s.temporary
left join lateral (
    select
        s.restart_lsn,
        s.confirmed_flush_lsn,
        s.xmin,
        s.catalog_xmin
    where s.wal_status is distinct from 'lost'
) as h on true
order by h.restart_lsn nulls last
