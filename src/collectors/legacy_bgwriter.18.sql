-- As stat_bgwriter.18.sql, under the older names.
with backend as (
    select
        sum(coalesce(write_bytes, 0) + coalesce(extend_bytes, 0)) / current_setting('block_size')::int8 as buffers,
        sum(fsyncs) as fsyncs
    from pg_catalog.pg_stat_io
    where object = 'relation'
      and backend_type not in ('checkpointer', 'background writer', 'standalone backend')
)
select
    (c.num_timed + c.restartpoints_timed)::float8 as pg_stat_bgwriter_checkpoints_timed,
    (c.num_requested + c.restartpoints_req)::float8 as pg_stat_bgwriter_checkpoints_req,
    c.write_time::float8 as pg_stat_bgwriter_checkpoint_write_time,
    c.sync_time::float8 as pg_stat_bgwriter_checkpoint_sync_time,
    c.buffers_written::float8 as pg_stat_bgwriter_buffers_checkpoint,
    b.buffers_clean::float8 as pg_stat_bgwriter_buffers_clean,
    b.maxwritten_clean::float8 as pg_stat_bgwriter_maxwritten_clean,
    backend.buffers::float8 as pg_stat_bgwriter_buffers_backend,
    backend.fsyncs::float8 as pg_stat_bgwriter_buffers_backend_fsync,
    b.buffers_alloc::float8 as pg_stat_bgwriter_buffers_alloc,
    extract(epoch from b.stats_reset)::float8 as pg_stat_bgwriter_stats_reset
from pg_catalog.pg_stat_bgwriter as b
cross join pg_catalog.pg_stat_checkpointer as c
cross join backend
