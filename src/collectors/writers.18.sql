-- As writers.17.sql, but in 18 one write may cover several blocks: its bytes
-- tell how many.
with backend as (
    select
        sum(coalesce(write_bytes, 0) + coalesce(extend_bytes, 0)) / current_setting('block_size')::int8 as buffers,
        sum(fsyncs) as fsyncs
    from pg_catalog.pg_stat_io
    where object = 'relation'
      and backend_type not in ('checkpointer', 'background writer', 'standalone backend')
)
select
    'checkpointer'::text as writer,
    buffers_written::float8 as pg_buffers_written_total,
    null::float8 as pg_buffers_backend_fsyncs_total
from pg_catalog.pg_stat_checkpointer
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
