-- The two views and what backends did to relations, in blocks.
select num_timed as pg_stat_bgwriter_checkpoints_timed_total,
  num_requested as pg_stat_bgwriter_checkpoints_req_total,
  write_time as pg_stat_bgwriter_checkpoint_write_time_total,
  sync_time as pg_stat_bgwriter_checkpoint_sync_time_total,
  buffers_written as pg_stat_bgwriter_buffers_checkpoint_total,
  buffers_clean as pg_stat_bgwriter_buffers_clean_total,
  maxwritten_clean as pg_stat_bgwriter_maxwritten_clean_total,
  (select (sum(write_bytes) + sum(extend_bytes)) / 8192 from pg_stat_io
   where object = 'relation' and backend_type in ('client backend', 'autovacuum worker', 'background worker', 'autovacuum launcher'))
    as pg_stat_bgwriter_buffers_backend_total,
  (select sum(fsyncs) from pg_stat_io
   where object = 'relation' and backend_type in ('client backend', 'autovacuum worker', 'background worker', 'autovacuum launcher'))
    as pg_stat_bgwriter_buffers_backend_fsync_total,
  buffers_alloc as pg_stat_bgwriter_buffers_alloc_total,
  extract(epoch from b.stats_reset) as pg_stat_bgwriter_stats_reset_total
from pg_stat_bgwriter b, pg_stat_checkpointer
