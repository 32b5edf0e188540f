-- The two views and what backends did to relations.
select num_timed as pg_stat_bgwriter_checkpoints_timed,
  num_requested as pg_stat_bgwriter_checkpoints_req,
  write_time as pg_stat_bgwriter_checkpoint_write_time,
  sync_time as pg_stat_bgwriter_checkpoint_sync_time,
  buffers_written as pg_stat_bgwriter_buffers_checkpoint,
  buffers_clean as pg_stat_bgwriter_buffers_clean,
  maxwritten_clean as pg_stat_bgwriter_maxwritten_clean,
  (select sum(writes) + sum(extends) from pg_stat_io
   where object = 'relation' and backend_type in ('client backend', 'autovacuum worker', 'background worker', 'autovacuum launcher'))
    as pg_stat_bgwriter_buffers_backend,
  (select sum(fsyncs) from pg_stat_io
   where object = 'relation' and backend_type in ('client backend', 'autovacuum worker', 'background worker', 'autovacuum launcher'))
    as pg_stat_bgwriter_buffers_backend_fsync,
  buffers_alloc as pg_stat_bgwriter_buffers_alloc,
  extract(epoch from b.stats_reset) as pg_stat_bgwriter_stats_reset
from pg_stat_bgwriter b, pg_stat_checkpointer
