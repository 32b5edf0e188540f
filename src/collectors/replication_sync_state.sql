-- One series for every state, so that a standby changing its part leaves no stale
-- series behind. Connections that share a name and an address may differ: any counts.
select
    r.application_name::text as application_name,
    pg_catalog.host(r.client_addr)::text as client_addr,
    v.sync_state::text as sync_state,
    max((r.sync_state = v.sync_state)::int)::float8 as pg_stat_replication_sync_state
from pg_catalog.pg_stat_replication as r
cross join (values ('async'), ('potential'), ('sync'), ('quorum')) as v (sync_state)
where r.state <> 'backup'
group by r.application_name, r.client_addr, v.sync_state
order by r.application_name, r.client_addr
