-- Reading a sequence takes a ROW EXCLUSIVE lock on it until the end of the
-- statement (13 to 18). So those that a DDL statement holds or awaits are passed
-- over rather than waited for, and no more are read than fit into a quarter of the
-- shared lock table: the narrowest first, and of these the ones that fill the
-- tables with most rows, as the catalog and the statistics know them.
-- A column is filled by the sequence that it owns (serial, identity) or names in its
-- default; the usual mistake is an int4 column below a bigint sequence. An unlogged
-- sequence cannot be read during recovery.
with filled as (
  select
    d.objid as seqrelid,
    d.refobjid as relid,
    d.refobjsubid as attnum
  from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_class'::regclass
    and d.objsubid = 0
    and d.refclassid = 'pg_catalog.pg_class'::regclass
    and d.refobjsubid > 0
    and d.deptype in ('a', 'i')
  union
  select
    d.refobjid,
    a.adrelid,
    a.adnum
  from pg_catalog.pg_depend d
  join pg_catalog.pg_attrdef a on a.oid = d.objid
  where d.classid = 'pg_catalog.pg_attrdef'::regclass
    and d.refclassid = 'pg_catalog.pg_class'::regclass
),
columns as (
  select
    f.seqrelid,
    max(r.lowest) as lowest,
    min(r.highest) as highest,
    max(greatest(c.reltuples, pg_catalog.pg_stat_get_tuples_inserted(c.oid))) as rows
  from filled f
  join pg_catalog.pg_class c on c.oid = f.relid
  join pg_catalog.pg_attribute a on a.attrelid = f.relid and a.attnum = f.attnum
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join (
    values
      ('int2'::regtype, -32768::int8, 32767::int8),
      ('int4'::regtype, -2147483648, 2147483647)
  ) as r (type, lowest, highest) on r.type in (t.oid, t.typbasetype)
  group by f.seqrelid
),
sequence as materialized (
  select
    c.oid,
    n.nspname,
    c.relname,
    s.seqincrement > 0 as ascending,
    greatest(s.seqmin, o.lowest)::numeric as lowest,
    least(s.seqmax, o.highest)::numeric as highest,
    o.rows
  from pg_catalog.pg_sequence s
  join pg_catalog.pg_class c on c.oid = s.seqrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join columns o on o.seqrelid = s.seqrelid
  where not s.seqcycle
    and (c.relpersistence = 'p' or c.relpersistence = 'u' and not pg_catalog.pg_is_in_recovery())
),
readable as materialized (
  select s.*
  from sequence s
  where has_sequence_privilege(s.oid, 'select, usage')
    and not exists (
      select
      from pg_catalog.pg_locks l
      join pg_catalog.pg_database d on d.oid = l.database
      where l.relation = s.oid
        and d.datname = current_database()
        and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    )
  order by s.highest - s.lowest, s.rows desc nulls last
  limit (
    select current_setting('max_locks_per_transaction')::int8 * current_setting('max_connections')::int8 / 4
  )
),
used as materialized (
  select
    r.nspname,
    r.relname,
    -- NULL before the first value is taken: nothing is used then.
    case
      when v.last is null then 0
      when r.highest <= r.lowest then 1
      when r.ascending then least(greatest((v.last - r.lowest) / (r.highest - r.lowest), 0), 1)
      else least(greatest((r.highest - v.last) / (r.highest - r.lowest), 0), 1)
    end as ratio
  from readable r
  cross join lateral (select pg_catalog.pg_sequence_last_value(r.oid) as last) v
)
select
  current_database()::text as datname,
  null::text as schemaname,
  null::text as sequencename,
  null::float8 as pg_sequence_used_ratio,
  (select max(u.ratio) from used u)::float8 as pg_sequences_fullest_ratio,
  (select count(*) from sequence)::float8 as pg_sequences,
  ((select count(*) from sequence) - (select count(*) from used))::float8 as pg_sequences_unread
union all
(
  select
    current_database()::text,
    u.nspname,
    u.relname,
    u.ratio::float8,
    null,
    null,
    null
  from used u
  order by u.ratio desc, u.nspname, u.relname
  limit 20
)
