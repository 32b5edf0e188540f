-- A row of the whole server comes first: it has the zeros of a calm moment, when
-- no state has a row.
with handle as materialized (
  select
    a.state,
    a.operation,
    a.target,
    count(*) as handles
  from pg_catalog.pg_aios a
  where a.pid is distinct from pg_backend_pid()
  group by a.state, a.operation, a.target
)
select
  null::text as state,
  null::text as operation,
  null::text as io_target,
  null::float8 as pg_aio_handles,
  coalesce((select sum(h.handles) from handle h), 0)::float8 as pg_aio_handles_in_use,
  (
    select count(*)
    from pg_catalog.pg_stat_activity a
    where a.backend_type = 'io worker'
  )::float8 as pg_aio_workers
union all
(
  select
    h.state,
    h.operation,
    h.target as io_target,
    h.handles,
    null,
    null
  from handle h
  order by h.handles desc
)
