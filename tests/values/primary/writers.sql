-- One counter of each who writes.
select 'checkpointer' as writer, buffers_checkpoint as pg_buffers_written_total, null::numeric as pg_buffers_backend_fsyncs_total
from pg_stat_bgwriter
union all
select 'bgwriter', buffers_clean, null from pg_stat_bgwriter
union all
select 'backend', buffers_backend,
  buffers_backend_fsync
from pg_stat_bgwriter
