-- 18 counts seven kinds of conflicts, each in a column of its own.
select
    d.datname::text as datname,
    s.subname::text as subname,
    v.conflict::text as conflict,
    v.met::float8 as pg_stat_subscription_stats_conflicts_total
from pg_catalog.pg_subscription as s
inner join pg_catalog.pg_database as d on d.oid = s.subdbid
inner join pg_catalog.pg_stat_subscription_stats as e on e.subid = s.oid
cross join lateral (
    values
        ('insert_exists', e.confl_insert_exists),
        ('update_origin_differs', e.confl_update_origin_differs),
        ('update_exists', e.confl_update_exists),
        ('update_missing', e.confl_update_missing),
        ('delete_origin_differs', e.confl_delete_origin_differs),
        ('delete_missing', e.confl_delete_missing),
        ('multiple_unique_conflicts', e.confl_multiple_unique_conflicts)
) as v (conflict, met)
order by d.datname, s.subname
