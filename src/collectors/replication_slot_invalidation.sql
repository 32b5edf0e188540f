-- 18 adds the reason idle_timeout; the text comes from the server.
select
    slot_name::text as slot_name,
    slot_type::text as slot_type,
    invalidation_reason::text as reason,
    1::float8 as pg_replication_slot_invalidated
from pg_catalog.pg_replication_slots
where invalidation_reason is not null
    and not temporary
order by slot_name
