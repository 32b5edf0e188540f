-- One standby is synchronous.
select application_name, host(client_addr) as client_addr, s as sync_state,
  case when sync_state = s then 1 else 0 end as pg_stat_replication_sync_state
from pg_stat_replication, unnest(array['async', 'potential', 'sync', 'quorum']) s
