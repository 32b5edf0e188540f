-- Nearly every poll of this finds nobody waiting, so that is what it is built
-- for: one pass over pg_stat_activity decides, and pg_locks, which takes every
-- partition of the lock table to read, is not even opened then (EXPLAIN says
-- "never executed" below the one-time filter).
--
-- When somebody waits, it is one snapshot of every lock on the objects that are
-- waited for. pg_blocking_pids() is not used: it takes the whole lock table once
-- for each waiter. SIReadLock never blocks. A parallel worker's locks are its
-- leader's; a parallel apply worker (16) shows a leader too, but no lock group.
-- A holder without a process is a prepared transaction, found again through the
-- lock that it keeps on its own transaction id.
with sessions as materialized (
  select
    a.pid,
    case when a.backend_type = 'parallel worker' then a.leader_pid end as leader_pid,
    a.datname,
    case
      when a.backend_type = 'autovacuum worker' then 'autovacuum'
      when a.state like 'idle in transaction%' then 'idle_in_transaction'
      when a.state in ('active', 'fastpath function call') then 'active'
      else 'other'
    end as kind,
    a.xact_start,
    a.query_start,
    a.wait_event_type
  from pg_catalog.pg_stat_activity a
),
locks as materialized (
  select
    row(
      l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
      l.transactionid, l.classid, l.objid, l.objsubid
    )::text as tag,
    l.*
  from pg_catalog.pg_locks l
  where l.mode <> 'SIReadLock'
    and l.pid is distinct from pg_backend_pid()
    and (select exists (select from sessions s where s.wait_event_type = 'Lock'))
),
prepared as (
  select
    l.virtualtransaction,
    p.gid,
    p.database,
    p.prepared
  from locks l
  join pg_catalog.pg_prepared_xacts p on p.transaction = l.transactionid
  where l.pid is null
    and l.locktype = 'transactionid'
),
-- The first to wait for a row waits for a transaction, and holds the row's
-- tuple lock meanwhile, which is what names the table.
row_waits as (
  select
    l.pid,
    min(l.database) as database,
    min(l.relation) as relation
  from locks l
  where l.locktype = 'tuple'
    and l.granted
  group by l.pid
)
select
  l.tag,
  l.locktype::text as locktype,
  l.mode::text as mode,
  l.granted::int::float8 as granted,
  coalesce(s.leader_pid, l.pid)::float8 as pid,
  p.gid::text as gid,
  coalesce(leader.datname, p.database)::text as datname,
  case when l.pid is null then 'prepared' else coalesce(leader.kind, 'other') end as kind,
  extract(epoch from clock_timestamp() - coalesce(leader.xact_start, p.prepared))::float8 as transaction_seconds,
  extract(epoch from statement_timestamp() - leader.query_start)::float8 as statement_seconds,
  null::float8 as wait_seconds,
  n.nspname::text as schemaname,
  c.relname::text as relname,
  count(*) over ()::float8 as locks
from locks l
left join sessions s on s.pid = l.pid
left join sessions leader on leader.pid = coalesce(s.leader_pid, l.pid)
left join prepared p on l.pid is null and p.virtualtransaction = l.virtualtransaction
left join row_waits r on r.pid = l.pid and l.locktype = 'transactionid'
-- Names are known for our own database only, and read without locking the table.
left join pg_catalog.pg_database d
  on d.oid = coalesce(l.database, r.database) and d.datname = current_database() and not l.granted
left join pg_catalog.pg_class c on c.oid = coalesce(l.relation, r.relation) and d.oid is not null
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where l.tag in (select w.tag from locks w where not w.granted)
order by l.granted
limit 10000
