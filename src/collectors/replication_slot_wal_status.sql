-- postgres_exporter showed only the current state, always as 1; a series for every
-- state keeps that and leaves no stale one behind. The size stands in the row of
-- the current state alone, as it is one number a slot.
select
    s.slot_name::text as slot_name,
    s.slot_type::text as slot_type,
    v.wal_status::text as wal_status,
    (s.wal_status = v.wal_status)::int::float8 as pg_replication_slot_wal_status,
    case when s.wal_status = v.wal_status then s.safe_wal_size end::float8 as pg_replication_slot_safe_wal_size_bytes
from pg_catalog.pg_replication_slots as s
cross join (values ('reserved'), ('extended'), ('unreserved'), ('lost')) as v (wal_status)
where not s.temporary
order by s.restart_lsn nulls first, s.slot_name
