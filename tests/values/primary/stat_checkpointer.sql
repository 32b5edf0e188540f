-- The older view, column by column.
select checkpoints_timed as pg_stat_checkpointer_num_timed_total,
  checkpoints_req as pg_stat_checkpointer_num_requested_total,
  checkpoint_write_time as pg_stat_checkpointer_write_time_total,
  checkpoint_sync_time as pg_stat_checkpointer_sync_time_total,
  checkpoint_write_time / 1000 as pg_stat_checkpointer_write_time_seconds_total,
  checkpoint_sync_time / 1000 as pg_stat_checkpointer_sync_time_seconds_total,
  buffers_checkpoint as pg_stat_checkpointer_buffers_written_total,
  extract(epoch from stats_reset) as pg_stat_checkpointer_stats_reset_total,
  extract(epoch from stats_reset) as pg_stat_checkpointer_stats_reset_timestamp_seconds
from pg_stat_bgwriter
