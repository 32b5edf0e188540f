-- The confirmed position is shown for active slots only, and as 0 for a physical
-- slot, which has none. wal_status is NULL for a slot that never reserved WAL.
select
    s.slot_name::text as slot_name,
    s.slot_type::text as slot_type,
    s.database::text as database,
    s.wal_status::text as wal_status,
    s.active::int::float8 as pg_replication_slots_active,
    (w.now - s.restart_lsn)::float8 as pg_replication_slots_pg_wal_lsn_diff,
    (w.now - '0/0'::pg_lsn)::float8 as pg_replication_slots_slot_current_wal_lsn,
    c.confirmed as pg_replication_slots_slot_confirmed_flush_lsn,
    s.active::int::float8 as pg_replication_slots_slot_is_active,
    s.safe_wal_size::float8 as pg_replication_slots_safe_wal_size_bytes,
    case when s.wal_status is not null then 1 end::float8 as pg_replication_slots_wal_status,
    (w.now - '0/0'::pg_lsn)::float8 as pg_replication_slot_slot_current_wal_lsn,
    c.confirmed as pg_replication_slot_slot_confirmed_flush_lsn,
    s.active::int::float8 as pg_replication_slot_slot_is_active
from pg_catalog.pg_replication_slots as s
cross join lateral (
    select
        case
            when s.active
            then coalesce(s.confirmed_flush_lsn, '0/0'::pg_lsn) - '0/0'::pg_lsn
        end::float8 as confirmed
) as c
cross join (
    select
        case
            when pg_catalog.pg_is_in_recovery()
            then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end as now
) as w
order by s.restart_lsn nulls last
