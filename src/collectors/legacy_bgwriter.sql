-- As stat_bgwriter.sql, under the older names.
select
    checkpoints_timed::float8 as pg_stat_bgwriter_checkpoints_timed,
    checkpoints_req::float8 as pg_stat_bgwriter_checkpoints_req,
    checkpoint_write_time::float8 as pg_stat_bgwriter_checkpoint_write_time,
    checkpoint_sync_time::float8 as pg_stat_bgwriter_checkpoint_sync_time,
    buffers_checkpoint::float8 as pg_stat_bgwriter_buffers_checkpoint,
    buffers_clean::float8 as pg_stat_bgwriter_buffers_clean,
    maxwritten_clean::float8 as pg_stat_bgwriter_maxwritten_clean,
    buffers_backend::float8 as pg_stat_bgwriter_buffers_backend,
    buffers_backend_fsync::float8 as pg_stat_bgwriter_buffers_backend_fsync,
    buffers_alloc::float8 as pg_stat_bgwriter_buffers_alloc,
    extract(epoch from stats_reset)::float8 as pg_stat_bgwriter_stats_reset
from pg_catalog.pg_stat_bgwriter
