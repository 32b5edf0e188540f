-- The server's own arithmetic (relation_needs_vacanalyze), from catalogs and
-- counters: a table's own setting, else the server's. A TOAST relation without
-- settings follows its table's, and is never analyzed. Nor is pg_statistic, whose
-- changes are counted all the same. reltuples is -1 before the first VACUUM or
-- ANALYZE from 14 on. A freeze age may only be lowered.
-- part tells a table from its TOAST relation, which goes by its owner's name.
with relation as materialized (
  select
    o.relname,
    n.nspname,
    c.relkind = 't'                                          as is_toast,
    c.relkind <> 't' and c.oid <> 'pg_catalog.pg_statistic'::regclass as is_analyzed,
    c.relpages,
    greatest(c.reltuples, 0)::float8                         as tuples,
    pg_catalog.age(c.relfrozenxid)::float8                   as xid_age,
    pg_catalog.mxid_age(c.relminmxid)::float8                as multixact_age,
    pg_catalog.pg_stat_get_live_tuples(c.oid)::float8        as live,
    pg_catalog.pg_stat_get_dead_tuples(c.oid)::float8        as dead,
    pg_catalog.pg_stat_get_ins_since_vacuum(c.oid)::float8   as inserted,
    case when c.relkind <> 't' then pg_catalog.pg_stat_get_mod_since_analyze(c.oid)::float8 end as changed,
    pg_catalog.pg_stat_get_last_vacuum_time(c.oid)           as last_vacuum,
    pg_catalog.pg_stat_get_last_autovacuum_time(c.oid)       as last_autovacuum,
    pg_catalog.pg_stat_get_last_analyze_time(c.oid)          as last_analyze,
    pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)      as last_autoanalyze,
    coalesce(p.enabled, true) and s.enabled                  as enabled,
    coalesce(p.vacuum_threshold, s.vacuum_threshold)         as vacuum_threshold,
    coalesce(p.vacuum_scale, s.vacuum_scale)                 as vacuum_scale,
    coalesce(p.insert_threshold, s.insert_threshold)         as insert_threshold,
    coalesce(p.insert_scale, s.insert_scale)                 as insert_scale,
    coalesce(p.analyze_threshold, s.analyze_threshold)       as analyze_threshold,
    coalesce(p.analyze_scale, s.analyze_scale)               as analyze_scale,
    least(p.freeze_age, s.freeze_age)                        as freeze_age,
    least(p.multixact_freeze_age, s.multixact_freeze_age)    as multixact_freeze_age
  from pg_catalog.pg_class c
  left join pg_catalog.pg_class w on c.relkind = 't' and w.reltoastrelid = c.oid
  join pg_catalog.pg_class o on o.oid = coalesce(w.oid, c.oid)
  join pg_catalog.pg_namespace n on n.oid = o.relnamespace
  cross join (
    select
      current_setting('autovacuum')::bool and current_setting('track_counts')::bool as enabled,
      current_setting('autovacuum_vacuum_threshold')::float8                      as vacuum_threshold,
      current_setting('autovacuum_vacuum_scale_factor')::float8                   as vacuum_scale,
      current_setting('autovacuum_vacuum_insert_threshold')::float8               as insert_threshold,
      current_setting('autovacuum_vacuum_insert_scale_factor')::float8            as insert_scale,
      current_setting('autovacuum_analyze_threshold')::float8                     as analyze_threshold,
      current_setting('autovacuum_analyze_scale_factor')::float8                  as analyze_scale,
      current_setting('autovacuum_freeze_max_age')::float8                        as freeze_age,
      current_setting('autovacuum_multixact_freeze_max_age')::float8              as multixact_freeze_age
  ) s
  cross join lateral (
    select
      bool_and(x.option_value::bool) filter (where x.option_name = 'autovacuum_enabled')                       as enabled,
      max(x.option_value) filter (where x.option_name = 'autovacuum_vacuum_threshold')::float8                 as vacuum_threshold,
      max(x.option_value) filter (where x.option_name = 'autovacuum_vacuum_scale_factor')::float8              as vacuum_scale,
      max(x.option_value) filter (where x.option_name = 'autovacuum_vacuum_insert_threshold')::float8          as insert_threshold,
      max(x.option_value) filter (where x.option_name = 'autovacuum_vacuum_insert_scale_factor')::float8       as insert_scale,
      max(x.option_value) filter (where x.option_name = 'autovacuum_analyze_threshold')::float8                as analyze_threshold,
      max(x.option_value) filter (where x.option_name = 'autovacuum_analyze_scale_factor')::float8             as analyze_scale,
      max(x.option_value) filter (where x.option_name = 'autovacuum_freeze_max_age')::float8                   as freeze_age,
      max(x.option_value) filter (where x.option_name = 'autovacuum_multixact_freeze_max_age')::float8         as multixact_freeze_age
    from pg_catalog.pg_options_to_table(coalesce(c.reloptions, w.reloptions)) x
  ) p
  where c.relkind in ('r', 'm', 't')
    and c.relpersistence <> 't'
),
threshold as (
  select
    r.*,
    r.vacuum_threshold + r.vacuum_scale * r.tuples as vacuum_at,
    case when r.insert_threshold >= 0 then r.insert_threshold + r.insert_scale * r.tuples end as insert_at,
    case when r.is_analyzed then r.analyze_threshold + r.analyze_scale * r.tuples end        as analyze_at
  from relation r
),
-- No threshold is no ratio, which greatest() would make one of.
rated as materialized (
  select
    t.*,
    t.dead / nullif(t.live + t.dead, 0)                                                      as dead_ratio,
    t.dead / greatest(t.vacuum_at, 1)                                                        as vacuum_ratio,
    t.inserted / case when t.insert_at < 1 then 1 else t.insert_at end                       as insert_ratio,
    t.changed / case when t.analyze_at < 1 then 1 else t.analyze_at end                      as analyze_ratio,
    greatest(t.xid_age / t.freeze_age, t.multixact_age / t.multixact_freeze_age)             as freeze_ratio
  from threshold t
)
select
  current_database()::text                   as datname,
  null::text                                 as schemaname,
  null::text                                 as relname,
  null::text                                 as part,
  null::text                                 as task,
  null::float8                               as pg_table_live_tuples,
  null::float8                               as pg_table_dead_tuples,
  null::float8                               as pg_table_dead_tuples_ratio,
  null::float8                               as pg_table_inserts_since_vacuum,
  null::float8                               as pg_table_changes_since_analyze,
  null::float8                               as pg_table_autovacuum_threshold_tuples,
  null::float8                               as pg_table_autovacuum_insert_threshold_tuples,
  null::float8                               as pg_table_autoanalyze_threshold_tuples,
  null::float8                               as pg_table_autovacuum_threshold_ratio,
  null::float8                               as pg_table_autovacuum_insert_threshold_ratio,
  null::float8                               as pg_table_autoanalyze_threshold_ratio,
  null::float8                               as pg_table_freeze_ratio,
  null::float8                               as pg_table_autovacuum_enabled,
  null::float8                               as pg_table_last_vacuum_timestamp_seconds,
  null::float8                               as pg_table_last_autovacuum_timestamp_seconds,
  null::float8                               as pg_table_last_analyze_timestamp_seconds,
  null::float8                               as pg_table_last_autoanalyze_timestamp_seconds,
  null::float8                               as pg_database_tables_due,
  (count(*) filter (where not r.enabled and not r.is_toast))::float8 as pg_database_tables_autovacuum_disabled,
  coalesce(sum(r.live) filter (where not r.is_toast), 0)::float8     as pg_database_live_tuples,
  coalesce(sum(r.dead) filter (where not r.is_toast), 0)::float8     as pg_database_dead_tuples
from rated r
union all
select
  current_database()::text, null, null, null, d.task,
  null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  d.tables::float8, null, null, null
from (
  select
    count(*) filter (where r.vacuum_ratio > 1)  as vacuum,
    count(*) filter (where r.insert_ratio > 1)  as insert_vacuum,
    count(*) filter (where r.analyze_ratio > 1) as analyze,
    count(*) filter (where r.freeze_ratio > 1)  as freeze
  from rated r
) c
cross join lateral (
  values ('vacuum', c.vacuum), ('insert_vacuum', c.insert_vacuum), ('analyze', c.analyze), ('freeze', c.freeze)
) d (task, tables)
union all (
  select
    current_database()::text,
    r.nspname::text,
    r.relname::text,
    case when r.is_toast then 'toast' else 'table' end,
    null,
    r.live,
    r.dead,
    r.dead_ratio,
    r.inserted,
    r.changed,
    r.vacuum_at,
    r.insert_at,
    r.analyze_at,
    r.vacuum_ratio,
    r.insert_ratio,
    r.analyze_ratio,
    r.freeze_ratio,
    r.enabled::int::float8,
    extract(epoch from r.last_vacuum)::float8,
    extract(epoch from r.last_autovacuum)::float8,
    extract(epoch from r.last_analyze)::float8,
    extract(epoch from r.last_autoanalyze)::float8,
    null,
    null,
    null,
    null
  from rated r
  -- Catalogs are many and small, and of interest only when something is due.
  where r.nspname not in ('pg_catalog', 'information_schema')
    or greatest(r.vacuum_ratio, r.insert_ratio, r.analyze_ratio, r.freeze_ratio) > 1
  -- Whatever stands high in any respect: overdue, nearly frozen over, or simply
  -- holding many dead rows; more than are kept, for those on their way out.
  order by least(
    row_number() over (order by r.vacuum_ratio desc),
    row_number() over (order by r.insert_ratio desc nulls last),
    row_number() over (order by r.analyze_ratio desc nulls last),
    row_number() over (order by r.freeze_ratio desc),
    row_number() over (order by r.dead desc)
  )
  limit 200
)
