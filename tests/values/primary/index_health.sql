-- Which index has which problem is known: the scene made them so.
with problem (indexrelname, problem) as (
  values ('orders_note', 'redundant'), ('orders_note', 'unused'),
    ('orders_note_id', 'unused'),
    ('orders_note_id_again', 'unused'), ('orders_note_id_again', 'duplicate'),
    ('orders_broken', 'invalid')
),
sized as (
  select p.problem, p.indexrelname, s.schemaname, s.relname, 8192 * c.relpages as bytes
  from problem p
  join pg_stat_user_indexes s using (indexrelname) join pg_class c on c.oid = s.indexrelid
)
select current_database() as datname, schemaname, relname, indexrelname, null as problem,
  case problem when 'invalid' then bytes end as pg_index_invalid_bytes,
  case problem when 'unused' then bytes end as pg_index_unused_bytes,
  case problem when 'duplicate' then bytes end as pg_index_duplicate_bytes,
  case problem when 'redundant' then bytes end as pg_index_redundant_bytes,
  null as pg_database_index_problems, null as pg_database_index_problem_bytes,
  null::numeric as pg_database_index_usage_since_timestamp_seconds
from sized
union all
select current_database(), null, null, null, problem, null, null, null, null, count(*), sum(bytes), null
from sized group by problem
union all
select datname, null, null, null, null, null, null, null, null, null, null, extract(epoch from stats_reset)
from pg_stat_database where datname = current_database()
