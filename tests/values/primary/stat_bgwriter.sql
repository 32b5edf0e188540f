-- The view, column by column.
select checkpoints_timed as pg_stat_bgwriter_checkpoints_timed_total,
  checkpoints_req as pg_stat_bgwriter_checkpoints_req_total,
  checkpoint_write_time as pg_stat_bgwriter_checkpoint_write_time_total,
  checkpoint_sync_time as pg_stat_bgwriter_checkpoint_sync_time_total,
  buffers_checkpoint as pg_stat_bgwriter_buffers_checkpoint_total,
  buffers_clean as pg_stat_bgwriter_buffers_clean_total,
  maxwritten_clean as pg_stat_bgwriter_maxwritten_clean_total,
  buffers_backend as pg_stat_bgwriter_buffers_backend_total,
  buffers_backend_fsync as pg_stat_bgwriter_buffers_backend_fsync_total,
  buffers_alloc as pg_stat_bgwriter_buffers_alloc_total,
  extract(epoch from stats_reset) as pg_stat_bgwriter_stats_reset_total
from pg_stat_bgwriter
