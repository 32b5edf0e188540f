-- Two workers, one of them against wraparound.
select count(*) as pg_autovacuum_workers_active,
  3 as pg_autovacuum_workers_limit,
  count(*) filter (where query like '%wraparound%') as pg_autovacuum_workers_wraparound,
  extract(epoch from clock_timestamp() - min(xact_start)) as pg_autovacuum_worker_oldest_seconds
from pg_stat_activity where backend_type = 'autovacuum worker'
