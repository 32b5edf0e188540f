-- One row a B-tree index, what the bloat model needs to know of it; catalogs
-- and counters only, as in bloat_tables. Other access methods have no model:
-- they stay absent.
--
-- layout is the index tuple, one entry a column:
-- "attlen attalign attstorage nullfrac width distinct", with a question mark
-- for what no ANALYZE has measured. An expression's statistics stand under the
-- index, a plain column's under the table. distinct is as in pg_statistic: a
-- number of values, or the share of the table's rows when negative.
with candidate as materialized (
  select
    c.oid,
    n.nspname,
    t.relname,
    t.oid       as table_oid,
    t.reltuples as table_rows,
    c.relname   as indexrelname,
    c.relpages,
    c.reltuples,
    c.reloptions,
    i.indisunique,
    i.indpred is not null as is_partial,
    i.indnatts,
    i.indnkeyatts,
    i.indkey,
    i.indclass,
    i.indcollation
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_am m on m.oid = c.relam
  where m.amname = 'btree'
    and c.relkind = 'i'
    and c.relpersistence <> 't'
    and t.relkind in ('r', 'm')
    and i.indisvalid
    and c.relpages >= 1048576 / current_setting('block_size')::int
),
layout as (
  select
    a.attrelid,
    string_agg(
      concat_ws(
        ' ',
        a.attlen,
        a.attalign,
        a.attstorage,
        coalesce(s.stanullfrac::text, case when ta.attnotnull then '0' else '?' end),
        case when a.attlen > 0 then a.attlen::text else coalesce(s.stawidth::text, '?') end,
        coalesce(s.stadistinct::text, '?')
      ),
      ',' order by a.attnum
    ) as columns
  from candidate c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
  left join pg_catalog.pg_attribute ta
    on ta.attrelid = c.table_oid and ta.attnum = nullif(c.indkey[a.attnum - 1], 0)
  left join pg_catalog.pg_statistic s
    on s.starelid = case when ta.attnum is null then c.oid else c.table_oid end
    and s.staattnum = coalesce(ta.attnum, a.attnum)
    and not s.stainherit
  group by a.attrelid
),
-- Equal keys share one tuple from 13 on, unless equality does not mean the
-- same bytes (numeric, float, jsonb: no support procedure 4; nondeterministic
-- collations) or the index is unique, covering, or told not to.
equal_image as materialized (
  select oc.oid
  from pg_catalog.pg_opclass oc
  join pg_catalog.pg_amproc p
    on p.amprocfamily = oc.opcfamily
    and p.amproclefttype = oc.opcintype
    and p.amprocrighttype = oc.opcintype
    and p.amprocnum = 4
)
select
  current_database()::text                                        as datname,
  c.nspname::text                                                 as schemaname,
  c.relname::text                                                 as relname,
  c.indexrelname::text                                            as indexrelname,
  current_setting('block_size')::float8                           as block_bytes,
  c.relpages::float8                                              as pages,
  nullif(c.table_rows, -1)::float8                                as catalog_rows,
  nullif(c.reltuples, -1)::float8                                 as index_rows,
  pg_catalog.pg_stat_get_live_tuples(c.table_oid)::float8         as live_rows,
  pg_catalog.pg_stat_get_mod_since_analyze(c.table_oid)::float8   as changed_rows,
  (
    pg_catalog.pg_stat_get_vacuum_count(c.table_oid)
    + pg_catalog.pg_stat_get_autovacuum_count(c.table_oid)
    + pg_catalog.pg_stat_get_analyze_count(c.table_oid)
    + pg_catalog.pg_stat_get_autoanalyze_count(c.table_oid) > 0
  )::int::float8                                                  as is_counted,
  coalesce(o.fillfactor, 90)                                      as fillfactor,
  c.is_partial::int::float8                                       as is_partial,
  c.indnkeyatts::float8                                           as key_columns,
  (
    not c.indisunique
    and c.indnatts = c.indnkeyatts
    and coalesce(o.deduplicate, true)
    and not exists (
      select from unnest(c.indclass::oid[]) k
      where k not in (select e.oid from equal_image e)
    )
    and not exists (
      select
      from unnest(c.indcollation::oid[]) k
      join pg_catalog.pg_collation l on l.oid = k
      where not l.collisdeterministic
    )
  )::int::float8                                                  as is_deduplicated,
  coalesce(l.columns, '')                                         as layout
-- A database without such a relation answers with one row of NULLs, so that its
-- totals are 0 and not unknown.
from (select) as here
left join candidate c on true
left join layout l on l.attrelid = c.oid
cross join lateral (
  select
    max(p.option_value) filter (where p.option_name = 'fillfactor')::float8         as fillfactor,
    bool_and(p.option_value::bool) filter (where p.option_name = 'deduplicate_items') as deduplicate
  from pg_catalog.pg_options_to_table(c.reloptions) p
) o
