-- Until 16 the view has it all. Times stay in milliseconds, as dashboards expect.
select
    checkpoints_timed::float8 as pg_stat_bgwriter_checkpoints_timed_total,
    checkpoints_req::float8 as pg_stat_bgwriter_checkpoints_req_total,
    checkpoint_write_time::float8 as pg_stat_bgwriter_checkpoint_write_time_total,
    checkpoint_sync_time::float8 as pg_stat_bgwriter_checkpoint_sync_time_total,
    buffers_checkpoint::float8 as pg_stat_bgwriter_buffers_checkpoint_total,
    buffers_clean::float8 as pg_stat_bgwriter_buffers_clean_total,
    maxwritten_clean::float8 as pg_stat_bgwriter_maxwritten_clean_total,
    buffers_backend::float8 as pg_stat_bgwriter_buffers_backend_total,
    buffers_backend_fsync::float8 as pg_stat_bgwriter_buffers_backend_fsync_total,
    buffers_alloc::float8 as pg_stat_bgwriter_buffers_alloc_total,
    extract(epoch from stats_reset)::float8 as pg_stat_bgwriter_stats_reset_total
from pg_catalog.pg_stat_bgwriter
