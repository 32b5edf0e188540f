-- pg_subscription is shared by all databases, pg_subscription_rel is not.
select
    pg_catalog.current_database()::text as datname,
    s.subname::text as subname,
    v.state::text as state,
    count(r.srrelid)::float8 as pg_subscription_tables
from pg_catalog.pg_subscription as s
cross join (
    values ('i', 'initialize'), ('d', 'copy'), ('f', 'finished_copy'), ('s', 'synchronized'), ('r', 'ready')
) as v (code, state)
left join pg_catalog.pg_subscription_rel as r
    on r.srsubid = s.oid
    and r.srsubstate::text = v.code
where s.subdbid = (
    select oid
    from pg_catalog.pg_database
    where datname = pg_catalog.current_database()
)
group by s.subname, v.state
order by s.subname
