-- The settings of the server and of "bare", applied to the view table by table.
with relation as (
  select s.*, c.relkind,
    coalesce((select o.relname from pg_class o where o.reltoastrelid = c.oid), c.relname) as owner,
    coalesce((select o.relnamespace from pg_class o where o.reltoastrelid = c.oid), c.relnamespace)::regnamespace::text as namespace,
    case when s.relname = 'bare' then 7 + 0.5 * greatest(c.reltuples, 0) else 200 + 0.2 * greatest(c.reltuples, 0) end as vacuum_at,
    1000 + 0.2 * greatest(c.reltuples, 0) as insert_at,
    case when c.relkind = 't' or s.relname = 'pg_statistic' then null
      when s.relname = 'bare' then 11 + 0.1 * greatest(c.reltuples, 0) else 50 + 0.1 * greatest(c.reltuples, 0) end as analyze_at,
    greatest(age(c.relfrozenxid) / case when s.relname = 'bare' then 150000.0 else 200000000.0 end,
      mxid_age(c.relminmxid) / 400000000.0) as freeze_ratio
  from pg_stat_all_tables s join pg_class c on c.oid = s.relid
  where c.relkind in ('r', 't')
)
select current_database() as datname, namespace as schemaname, owner as relname,
  case relkind when 't' then 'toast' else 'table' end as part, null as task,
  n_live_tup as pg_table_live_tuples,
  n_dead_tup as pg_table_dead_tuples,
  n_dead_tup / nullif(n_live_tup + n_dead_tup, 0)::float8 as pg_table_dead_tuples_ratio,
  n_ins_since_vacuum as pg_table_inserts_since_vacuum,
  case when relkind = 'r' then n_mod_since_analyze end as pg_table_changes_since_analyze,
  vacuum_at as pg_table_autovacuum_threshold_tuples,
  insert_at as pg_table_autovacuum_insert_threshold_tuples,
  analyze_at as pg_table_autoanalyze_threshold_tuples,
  n_dead_tup / vacuum_at as pg_table_autovacuum_threshold_ratio,
  n_ins_since_vacuum / insert_at as pg_table_autovacuum_insert_threshold_ratio,
  n_mod_since_analyze / analyze_at as pg_table_autoanalyze_threshold_ratio,
  freeze_ratio as pg_table_freeze_ratio,
  case when owner = 'wide' then 0 else 1 end as pg_table_autovacuum_enabled,
  extract(epoch from last_vacuum) as pg_table_last_vacuum_timestamp_seconds,
  extract(epoch from last_autovacuum) as pg_table_last_autovacuum_timestamp_seconds,
  extract(epoch from last_analyze) as pg_table_last_analyze_timestamp_seconds,
  extract(epoch from last_autoanalyze) as pg_table_last_autoanalyze_timestamp_seconds,
  null::int8 as pg_database_tables_due, null::int8 as pg_database_tables_autovacuum_disabled,
  null::int8 as pg_database_live_tuples, null::int8 as pg_database_dead_tuples
from relation
where namespace = 'public' or n_dead_tup > vacuum_at or n_ins_since_vacuum > insert_at or n_mod_since_analyze > analyze_at
union all
select current_database(), null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  null, 1, sum(n_live_tup), sum(n_dead_tup)
from relation where relkind = 'r'
union all
select current_database(), null, null, null, task, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  (select count(*) from relation where case task when 'vacuum' then n_dead_tup > vacuum_at
     when 'insert_vacuum' then n_ins_since_vacuum > insert_at
     when 'analyze' then n_mod_since_analyze > analyze_at else freeze_ratio > 1 end),
  null, null, null
from unnest(array['vacuum', 'insert_vacuum', 'analyze', 'freeze']) task
