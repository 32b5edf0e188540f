-- The user's tables, indexes and TOAST relations, buffer by buffer. Of catalogs, and
-- of sequences, any may be read or make room.
with toast as (
  select oid as owner, reltoastrelid as part from pg_class where reltoastrelid <> 0
  union all
  select c.oid, i.indexrelid from pg_class c join pg_index i on i.indrelid = c.reltoastrelid
),
cached as (
  select o.relname, o.relnamespace::regnamespace::text as schemaname,
    case when t.owner is not null then 'toast' when c.relkind = 'i' then 'index'
      when c.relkind = 'S' then 'sequence' else 'table' end as relkind,
    8192 * count(*) as bytes, 8192 * count(*) filter (where isdirty) as dirty, avg(usagecount) as usage
  from pg_buffercache b
  join pg_class c on pg_relation_filenode(c.oid) = b.relfilenode
  left join toast t on t.part = c.oid
  join pg_class o on o.oid = coalesce(t.owner, c.oid)
  where b.reldatabase = (select oid from pg_database where datname = current_database())
  group by 1, 2, 3
)
select current_database() as datname, schemaname, relname, relkind,
  array[case when schemaname = 'public' and relkind <> 'sequence' then bytes end, bytes + 8192 * 20]
    as pg_buffercache_relation_bytes,
  array[case when schemaname = 'public' and relkind <> 'sequence' then dirty - 8192 * 20 end, dirty + 8192 * 20]
    as pg_buffercache_relation_dirty_bytes,
  array[case when schemaname = 'public' and relkind <> 'sequence' then usage - 1 end, usage + 1]
    as pg_buffercache_relation_usage_average
from cached
