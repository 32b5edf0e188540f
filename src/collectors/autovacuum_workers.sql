-- A worker's "query" is a text that the server writes in English, whatever the
-- language of its messages. Others' texts are visible to pg_read_all_stats.
select
  count(*)::float8                                                                         as pg_autovacuum_workers_active,
  current_setting('autovacuum_max_workers')::float8                                        as pg_autovacuum_workers_limit,
  (count(*) filter (where a.query like '%(to prevent wraparound)%'))::float8               as pg_autovacuum_workers_wraparound,
  max(greatest(extract(epoch from clock_timestamp() - a.xact_start), 0))
    filter (where a.xact_start is not null)::float8                                        as pg_autovacuum_worker_oldest_seconds
from pg_catalog.pg_stat_activity a
where a.backend_type = 'autovacuum worker'
