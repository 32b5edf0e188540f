-- One counter of each who writes.
select 'checkpointer' as writer, buffers_written as pg_buffers_written_total, null::numeric as pg_buffers_backend_fsyncs_total
from pg_stat_bgwriter, pg_stat_checkpointer
union all
select 'bgwriter', buffers_clean, null from pg_stat_bgwriter
union all
select 'backend', (select sum(writes) + sum(extends) from pg_stat_io where object = 'relation' and backend_type in ('client backend', 'autovacuum worker', 'background worker', 'autovacuum launcher')),
  (select sum(fsyncs) from pg_stat_io where object = 'relation' and backend_type in ('client backend', 'autovacuum worker', 'background worker', 'autovacuum launcher'))
from pg_stat_bgwriter
