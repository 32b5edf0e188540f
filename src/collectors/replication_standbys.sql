-- Zero is a fact here: a standby that went away has no row, and an alert needs the 0.
-- Logical replication connects to a database and physical replication does not, which
-- tells the two apart. A slot does not: while a subscription copies a table, its
-- connection uses none.
select
    v.state::text as state,
    count(r.pid) filter (where a.datid is null)::float8 as pg_stat_replication_standbys,
    count(a.datid)::float8 as pg_stat_replication_subscribers
from (values ('startup'), ('catchup'), ('streaming'), ('stopping')) as v (state)
left join pg_catalog.pg_stat_replication as r on r.state = v.state
left join pg_catalog.pg_stat_activity as a on a.pid = r.pid
group by v.state
