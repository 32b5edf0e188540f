-- 17 moved most of the view elsewhere; dashboards still ask for the old names.
-- Timed and requested checkpoints used to count a standby's restartpoints too.
-- Backends are everybody in pg_stat_io but the processes whose job it is to write
-- (and initdb's standalone backend), on relations, as before.
with backend as (
    select
        sum(coalesce(writes, 0) + coalesce(extends, 0)) as buffers,
        sum(fsyncs) as fsyncs
    from pg_catalog.pg_stat_io
    where object = 'relation'
      and backend_type not in ('checkpointer', 'background writer', 'standalone backend')
)
select
    (c.num_timed + c.restartpoints_timed)::float8 as pg_stat_bgwriter_checkpoints_timed_total,
    (c.num_requested + c.restartpoints_req)::float8 as pg_stat_bgwriter_checkpoints_req_total,
    c.write_time::float8 as pg_stat_bgwriter_checkpoint_write_time_total,
    c.sync_time::float8 as pg_stat_bgwriter_checkpoint_sync_time_total,
    c.buffers_written::float8 as pg_stat_bgwriter_buffers_checkpoint_total,
    b.buffers_clean::float8 as pg_stat_bgwriter_buffers_clean_total,
    b.maxwritten_clean::float8 as pg_stat_bgwriter_maxwritten_clean_total,
    backend.buffers::float8 as pg_stat_bgwriter_buffers_backend_total,
    backend.fsyncs::float8 as pg_stat_bgwriter_buffers_backend_fsync_total,
    b.buffers_alloc::float8 as pg_stat_bgwriter_buffers_alloc_total,
    extract(epoch from b.stats_reset)::float8 as pg_stat_bgwriter_stats_reset_total
from pg_catalog.pg_stat_bgwriter as b
cross join pg_catalog.pg_stat_checkpointer as c
cross join backend
