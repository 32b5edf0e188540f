-- Until 16 pg_stat_bgwriter counts checkpoints and restartpoints as one.
select
    checkpoints_timed::float8 as pg_stat_checkpointer_num_timed_total,
    checkpoints_req::float8 as pg_stat_checkpointer_num_requested_total,
    checkpoint_write_time::float8 as pg_stat_checkpointer_write_time_total,
    checkpoint_sync_time::float8 as pg_stat_checkpointer_sync_time_total,
    (checkpoint_write_time / 1000)::float8 as pg_stat_checkpointer_write_time_seconds_total,
    (checkpoint_sync_time / 1000)::float8 as pg_stat_checkpointer_sync_time_seconds_total,
    buffers_checkpoint::float8 as pg_stat_checkpointer_buffers_written_total,
    extract(epoch from stats_reset)::float8 as pg_stat_checkpointer_stats_reset_total,
    extract(epoch from stats_reset)::float8 as pg_stat_checkpointer_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_bgwriter
