-- 17 gave the checkpointer its own view.
select
    num_timed::float8 as pg_stat_checkpointer_num_timed_total,
    num_requested::float8 as pg_stat_checkpointer_num_requested_total,
    restartpoints_timed::float8 as pg_stat_checkpointer_restartpoints_timed_total,
    restartpoints_req::float8 as pg_stat_checkpointer_restartpoints_req_total,
    restartpoints_done::float8 as pg_stat_checkpointer_restartpoints_done_total,
    write_time::float8 as pg_stat_checkpointer_write_time_total,
    sync_time::float8 as pg_stat_checkpointer_sync_time_total,
    (write_time / 1000)::float8 as pg_stat_checkpointer_write_time_seconds_total,
    (sync_time / 1000)::float8 as pg_stat_checkpointer_sync_time_seconds_total,
    buffers_written::float8 as pg_stat_checkpointer_buffers_written_total,
    extract(epoch from stats_reset)::float8 as pg_stat_checkpointer_stats_reset_total,
    extract(epoch from stats_reset)::float8 as pg_stat_checkpointer_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_checkpointer
