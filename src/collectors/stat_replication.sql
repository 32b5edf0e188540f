-- postgres_exporter counts from what a standby has received; a restarted receiver
-- claims less than is replayed, so the greater of the two stands here.
select
    r.application_name::text as application_name,
    pg_catalog.host(r.client_addr)::text as client_addr,
    r.state::text as state,
    s.slot_name::text as slot_name,
    (w.now - '0/0'::pg_lsn)::float8 as pg_stat_replication_pg_current_wal_lsn_bytes,
    (w.now - min(r.replay_lsn))::float8 as pg_stat_replication_pg_wal_lsn_diff
from pg_catalog.pg_stat_replication as r
left join pg_catalog.pg_replication_slots as s on s.active_pid = r.pid
cross join (
    select
        case
            when pg_catalog.pg_is_in_recovery()
            then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end as now
) as w
group by r.application_name, r.client_addr, r.state, s.slot_name, w.now
order by min(r.replay_lsn) nulls last
