-- The function and not the view above it, so that one GRANT EXECUTE is enough. On 13
-- it wants a superuser whatever is granted. A subscription's origin is pg_<oid>.
select
    external_id::text as origin,
    (remote_lsn - '0/0'::pg_lsn)::float8 as pg_replication_origin_remote_position_bytes,
    (local_lsn - '0/0'::pg_lsn)::float8 as pg_replication_origin_local_position_bytes
from pg_catalog.pg_show_replication_origin_status()
order by external_id
