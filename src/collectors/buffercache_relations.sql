-- A file number is unique only within its database and tablespace, so the scan
-- keeps to the database we are connected to, and relations match on both.
-- Mapped catalogs have relfilenode 0, which pg_relation_filenode() resolves.
-- Temporary relations live in local buffers and may reuse a number. Shared
-- catalogs belong to no database and are left out. A TOAST relation and its index
-- count for the table that owns them, as relkind "toast".
with cached as materialized (
    select
        reltablespace,
        relfilenode,
        count(*) as buffers,
        count(*) filter (where isdirty) as dirty,
        sum(usagecount) as usage
    from {pg_buffercache}.pg_buffercache
    where reldatabase = (select oid from pg_catalog.pg_database where datname = current_database())
    group by 1, 2
)
select
    current_database()::text as datname,
    n.nspname::text as schemaname,
    named.relname::text as relname,
    case
        when owner.oid is not null then 'toast'
        when c.relkind = 'i' then 'index'
        when c.relkind = 'm' then 'materialized view'
        when c.relkind = 'S' then 'sequence'
        else 'table'
    end::text as relkind,
    (sum(buffers) * current_setting('block_size')::int8)::float8 as pg_buffercache_relation_bytes,
    (sum(dirty) * current_setting('block_size')::int8)::float8 as pg_buffercache_relation_dirty_bytes,
    (sum(usage) / sum(buffers))::float8 as pg_buffercache_relation_usage_average
from pg_catalog.pg_class as c
join pg_catalog.pg_database as d on d.datname = current_database()
join cached
    on cached.relfilenode = pg_catalog.pg_relation_filenode(c.oid)
   and cached.reltablespace = case c.reltablespace when 0 then d.dattablespace else c.reltablespace end
left join pg_catalog.pg_index as i on i.indexrelid = c.oid
left join pg_catalog.pg_class as owner on owner.reltoastrelid = coalesce(i.indrelid, c.oid)
join pg_catalog.pg_class as named on named.oid = coalesce(owner.oid, c.oid)
join pg_catalog.pg_namespace as n on n.oid = named.relnamespace
where c.relpersistence <> 't'
group by 1, 2, 3, 4
order by sum(buffers) desc
limit 200
