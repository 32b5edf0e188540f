-- The exact answer for the few relations where it is worth the reading.
--
-- Who: the model of bloat_tables is not at hand in SQL, so a proxy chooses: the
-- size, times the share of the rows that were ever replaced or deleted outside
-- of HOT chains. What nothing was deleted from cannot be bloated by much. TOAST
-- relations have no statistics, so this is the only place where they appear.
--
-- How much: pgstattuple_approx reads the pages that are not all-visible,
-- pgstatindex reads every page. At most 256 MB of one relation and 1 GB in all,
-- by the true size, because relpages may be old.
--
-- Never behind DDL: pg_relation_size and both functions lock the relation, and
-- one lock_timeout would lose the whole round. So the lock table is read again
-- right before each of them, and what is locked exclusively or about to be is
-- left out. The microseconds in between stay; then the round is lost. It is
-- pg_lock_status() in a select list and not the view pg_locks, because a
-- function in FROM runs once a statement and later rows see what the first one
-- saw. Each function releases its lock when it returns, not at the end.
with candidate as materialized (
  select
    c.oid,
    c.relkind,
    n.nspname,
    o.relname,
    case when c.relkind = 'i' then c.relname end as indexrelname,
    c.relallvisible,
    c.reloptions
  from pg_catalog.pg_class c
  join pg_catalog.pg_am m on m.oid = c.relam
  left join pg_catalog.pg_index i on i.indexrelid = c.oid
  left join pg_catalog.pg_class w on c.relkind = 't' and w.reltoastrelid = c.oid
  join pg_catalog.pg_class o on o.oid = coalesce(i.indrelid, w.oid, c.oid)
  join pg_catalog.pg_namespace n on n.oid = o.relnamespace
  cross join lateral (
    select
      pg_catalog.pg_stat_get_tuples_deleted(s.oid)
      + pg_catalog.pg_stat_get_tuples_updated(s.oid)
      - pg_catalog.pg_stat_get_tuples_hot_updated(s.oid) as removed,
      greatest(pg_catalog.pg_stat_get_live_tuples(s.oid), 1) as live
    from (select coalesce(i.indrelid, c.oid) as oid) s
  ) churn
  where c.relpersistence = 'p'
    and c.relpages >= 1048576 / current_setting('block_size')::int
    and (
      (c.relkind in ('r', 'm', 't') and m.amname = 'heap')
      -- Not the index of a TOAST relation: its name says nothing to anybody.
      or (c.relkind = 'i' and m.amname = 'btree' and i.indisvalid and o.relkind in ('r', 'm'))
    )
    and churn.removed > 0
  order by c.relpages * least(churn.removed::float8 / churn.live, 1) desc
  limit 40
),
-- Kept apart, because merged with the next step the size would be asked for
-- again wherever it is used.
sized as materialized (
  select
    c.*,
    case
      when (
        select count(*)
        from (select pg_catalog.pg_lock_status() as held) l
        where (l.held).relation = c.oid
          and (l.held).mode = 'AccessExclusiveLock'
          and (l.held).database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
      ) = 0
      then pg_catalog.pg_relation_size(c.oid)
    end as bytes
  from candidate c
),
priced as (
  select
    s.*,
    row_number() over () as rank,
    case s.relkind
      when 'i' then s.bytes
      else greatest(s.bytes - s.relallvisible::bigint * current_setting('block_size')::int, 0)
    end as cost
  from sized s
  where s.bytes > 0
),
affordable as materialized (
  select *
  from (
    select
      p.*,
      sum(p.cost) over (order by p.rank) as spent
    from priced p
    where p.cost <= 256 * 1048576::bigint
  ) p
  where p.spent <= 1024 * 1048576::bigint
  order by p.rank
  limit 20
),
unlocked as (
  select
    a.*,
    (
      select count(*)
      from (select pg_catalog.pg_lock_status() as held) l
      where (l.held).relation = a.oid
        and (l.held).mode = 'AccessExclusiveLock'
        and (l.held).database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
    ) = 0 as is_free
  from affordable a
)
select
  current_database()::text                                       as datname,
  u.nspname::text                                                as schemaname,
  u.relname::text                                                as relname,
  u.indexrelname::text                                           as indexrelname,
  case u.relkind when 'i' then 'index' when 't' then 'toast' else 'table' end as part,
  current_setting('block_size')::float8                          as block_bytes,
  u.bytes::float8                                                as size_bytes,
  coalesce(
    (
      select o.option_value
      from pg_catalog.pg_options_to_table(u.reloptions) o
      where o.option_name = 'fillfactor'
    )::float8,
    case u.relkind when 'i' then 90 else 100 end
  )                                                              as fillfactor,
  h.table_len::float8                                            as heap_bytes,
  h.scanned_percent::float8                                      as scanned_percent,
  h.approx_tuple_count::float8                                   as tuples,
  h.approx_tuple_len::float8                                     as tuple_bytes,
  x.leaf_pages::float8                                           as leaf_pages,
  x.internal_pages::float8                                       as internal_pages,
  nullif(x.avg_leaf_density, 'NaN')::float8                      as leaf_density
from unlocked u
left join lateral (
  select * from {pgstattuple}.pgstattuple_approx(case when u.is_free and u.relkind <> 'i' then u.oid end)
) h on true
left join lateral (
  select * from {pgstattuple}.pgstatindex(case when u.is_free and u.relkind = 'i' then u.oid end)
) x on true
where u.is_free
