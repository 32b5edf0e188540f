-- Zero is a fact here: a standby that went away has no row, and an alert needs the 0.
-- Logical replication always goes through a logical slot, which tells the two apart;
-- it takes that slot a moment after it starts.
select
    v.state::text as state,
    count(r.pid) filter (where s.slot_name is null)::float8 as pg_stat_replication_standbys,
    count(s.slot_name)::float8 as pg_stat_replication_subscribers
from (values ('startup'), ('catchup'), ('streaming'), ('stopping')) as v (state)
left join pg_catalog.pg_stat_replication as r on r.state = v.state
left join pg_catalog.pg_replication_slots as s
    on s.active_pid = r.pid
    and s.slot_type = 'logical'
group by v.state
