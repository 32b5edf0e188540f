-- 16 extends relations by many blocks at once, and buffers_backend counts that as
-- one. pg_stat_io counts blocks: backends are everybody in it but the processes
-- whose job it is to write, on relations only, as before (temporary ones never
-- were in shared buffers). What initdb wrote alone (standalone backend) was not
-- counted before either.
with backend as (
    select
        sum(coalesce(writes, 0) + coalesce(extends, 0)) as buffers,
        sum(fsyncs) as fsyncs
    from pg_catalog.pg_stat_io
    where object = 'relation'
      and backend_type not in ('checkpointer', 'background writer', 'standalone backend')
)
select
    'checkpointer'::text as writer,
    buffers_checkpoint::float8 as pg_buffers_written_total,
    null::float8 as pg_buffers_backend_fsyncs_total
from pg_catalog.pg_stat_bgwriter
union all
select
    'bgwriter'::text,
    buffers_clean::float8,
    null::float8
from pg_catalog.pg_stat_bgwriter
union all
select
    'backend'::text,
    buffers::float8,
    fsyncs::float8
from backend
