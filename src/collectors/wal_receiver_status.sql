-- "connecting" comes with 19; before, it is simply never 1.
select
    v.status::text as status,
    (v.status = coalesce(r.status, case when r.pid is null then 'stopped' end))::int::float8
        as pg_stat_wal_receiver_status
from (
    values ('stopped'), ('starting'), ('connecting'), ('streaming'), ('waiting'), ('restarting'), ('stopping')
) as v (status)
left join pg_catalog.pg_stat_wal_receiver as r on true
