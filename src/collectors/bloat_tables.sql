-- One row a table, what the bloat model needs to know of it. Catalogs and
-- counters only: pg_relation_size would wait behind every ALTER TABLE, so the
-- size is relpages, and the model lifts it to what the counted rows need.
--
-- layout is the row as it stands on disk, one entry a column in the order of
-- storage: "attlen attalign attstorage nullfrac width", with a question mark
-- for what no ANALYZE has measured. A dropped column is NULL in every row that
-- a rewrite makes. Tables under 1 MiB are not worth an estimate.
with candidate as materialized (
  select
    c.oid,
    n.nspname,
    c.relname,
    c.relpages,
    c.reltuples,
    (
      select o.option_value
      from pg_catalog.pg_options_to_table(c.reloptions) o
      where o.option_name = 'fillfactor'
    ) as fillfactor
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_am m on m.oid = c.relam
  where c.relkind in ('r', 'm')
    and c.relpersistence <> 't'
    and m.amname = 'heap'
    and c.relpages >= 1048576 / current_setting('block_size')::int
),
layout as (
  select
    a.attrelid,
    bool_or(a.atthasmissing) as has_missing,
    string_agg(
      concat_ws(
        ' ',
        a.attlen,
        a.attalign,
        a.attstorage,
        case
          when a.attisdropped then '1'
          when s.stanullfrac is not null then s.stanullfrac::text
          when a.attnotnull then '0'
          else '?'
        end,
        case
          when a.attisdropped then '0'
          when a.attlen > 0 then a.attlen::text
          else coalesce(s.stawidth::text, '?')
        end
      ),
      ',' order by a.attnum
    ) as columns
  from candidate c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0
  left join pg_catalog.pg_statistic s
    on s.starelid = a.attrelid and s.staattnum = a.attnum and not s.stainherit
  group by a.attrelid
)
select
  current_database()::text                                       as datname,
  c.nspname::text                                                as schemaname,
  c.relname::text                                                as relname,
  current_setting('block_size')::float8                          as block_bytes,
  c.relpages::float8                                             as pages,
  nullif(c.reltuples, -1)::float8                                as catalog_rows,
  pg_catalog.pg_stat_get_live_tuples(c.oid)::float8              as live_rows,
  pg_catalog.pg_stat_get_dead_tuples(c.oid)::float8              as dead_rows,
  pg_catalog.pg_stat_get_mod_since_analyze(c.oid)::float8        as changed_rows,
  -- The live rows are a count from nothing until a VACUUM or ANALYZE sets
  -- them, and a crash or a reset makes nothing of them again.
  (
    pg_catalog.pg_stat_get_vacuum_count(c.oid)
    + pg_catalog.pg_stat_get_autovacuum_count(c.oid)
    + pg_catalog.pg_stat_get_analyze_count(c.oid)
    + pg_catalog.pg_stat_get_autoanalyze_count(c.oid) > 0
  )::int::float8                                                 as is_counted,
  coalesce(c.fillfactor::float8, 100)                            as fillfactor,
  coalesce(l.has_missing, false)::int::float8                    as has_missing,
  coalesce(l.columns, '')                                        as layout
-- A database without such a relation answers with one row of NULLs, so that its
-- totals are 0 and not unknown.
from (select) as here
left join candidate c on true
left join layout l on l.attrelid = c.oid
