-- Written after the documentation of 19: no such server was at hand. A row of the
-- whole database comes first.
with score as materialized (
  select s.*
  from pg_catalog.pg_stat_autovacuum_scores s
)
select
  current_database()::text as datname,
  null::text as schemaname,
  null::text as relname,
  null::float8 as pg_autovacuum_score,
  null::float8 as pg_autovacuum_freeze_score,
  null::float8 as pg_autovacuum_multixact_score,
  null::float8 as pg_autovacuum_vacuum_score,
  null::float8 as pg_autovacuum_vacuum_insert_score,
  null::float8 as pg_autovacuum_analyze_score,
  (count(*) filter (where s.do_vacuum))::float8 as pg_autovacuum_due_vacuums,
  (count(*) filter (where s.do_analyze))::float8 as pg_autovacuum_due_analyzes,
  (count(*) filter (where s.for_wraparound))::float8 as pg_autovacuum_due_wraparound
from score s
union all
(
  select
    current_database()::text,
    s.schemaname::text,
    s.relname::text,
    s.score::float8,
    s.xid_score::float8,
    s.mxid_score::float8,
    s.vacuum_score::float8,
    s.vacuum_insert_score::float8,
    s.analyze_score::float8,
    null,
    null,
    null
  from score s
  order by s.score desc nulls last, s.schemaname, s.relname
  limit 50
)
