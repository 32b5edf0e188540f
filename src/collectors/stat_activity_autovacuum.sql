-- The label is whatever follows the first dot of the worker's text, "(to prevent
-- wraparound)" included, as in postgres_exporter. Tables of one name in two schemas
-- or databases share a label, so the worker that began first stands for both.
select
  split_part(a.query, '.', 2)::text as relname,
  min(extract(epoch from a.xact_start))::float8 as pg_stat_activity_autovacuum_timestamp_seconds
from pg_catalog.pg_stat_activity a
where a.query like 'autovacuum:%'
  and a.xact_start is not null
group by 1
order by 2
