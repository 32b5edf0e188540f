-- The view, as byte positions.
select external_id as origin, remote_lsn - '0/0' as pg_replication_origin_remote_position_bytes,
  local_lsn - '0/0' as pg_replication_origin_local_position_bytes
from pg_replication_origin_status
