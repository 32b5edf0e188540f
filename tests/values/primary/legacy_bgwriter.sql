-- The view, column by column.
select checkpoints_timed as pg_stat_bgwriter_checkpoints_timed,
  checkpoints_req as pg_stat_bgwriter_checkpoints_req,
  checkpoint_write_time as pg_stat_bgwriter_checkpoint_write_time,
  checkpoint_sync_time as pg_stat_bgwriter_checkpoint_sync_time,
  buffers_checkpoint as pg_stat_bgwriter_buffers_checkpoint,
  buffers_clean as pg_stat_bgwriter_buffers_clean,
  maxwritten_clean as pg_stat_bgwriter_maxwritten_clean,
  buffers_backend as pg_stat_bgwriter_buffers_backend,
  buffers_backend_fsync as pg_stat_bgwriter_buffers_backend_fsync,
  buffers_alloc as pg_stat_bgwriter_buffers_alloc,
  extract(epoch from stats_reset) as pg_stat_bgwriter_stats_reset
from pg_stat_bgwriter
