-- The view, column by column.
select num_timed as pg_stat_checkpointer_num_timed_total,
  num_requested as pg_stat_checkpointer_num_requested_total,
  restartpoints_timed as pg_stat_checkpointer_restartpoints_timed_total,
  restartpoints_req as pg_stat_checkpointer_restartpoints_req_total,
  restartpoints_done as pg_stat_checkpointer_restartpoints_done_total,
  write_time as pg_stat_checkpointer_write_time_total,
  sync_time as pg_stat_checkpointer_sync_time_total,
  write_time / 1000 as pg_stat_checkpointer_write_time_seconds_total,
  sync_time / 1000 as pg_stat_checkpointer_sync_time_seconds_total,
  buffers_written as pg_stat_checkpointer_buffers_written_total,
  extract(epoch from stats_reset) as pg_stat_checkpointer_stats_reset_total,
  extract(epoch from stats_reset) as pg_stat_checkpointer_stats_reset_timestamp_seconds
from pg_stat_checkpointer
