-- Only the present state has a series, as postgres_exporter has it.
select
    s.slot_name::text as slot_name,
    s.slot_type::text as slot_type,
    s.wal_status::text as wal_status,
    case when s.wal_status is not null then 1 end::float8 as pg_replication_slot_wal_status,
    s.safe_wal_size::float8 as pg_replication_slot_safe_wal_size_bytes
from pg_catalog.pg_replication_slots as s
where not s.temporary
order by s.restart_lsn nulls first, s.slot_name
