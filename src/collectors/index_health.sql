-- An index that is being built is invalid too, and a standby cannot tell the two
-- apart, so it says nothing of invalid ones. Of equal indexes the one that
-- enforces something is kept, or else the oldest. Stored expressions name their
-- place in the text of the statement before 17, which is no difference.
-- An index attached to a partitioned one cannot be dropped alone, so whether it
-- is used says little.
with candidate as materialized (
  select
    i.indexrelid,
    i.indrelid,
    n.nspname,
    t.relname,
    c.relname                                             as indexrelname,
    c.relam,
    c.relpages * current_setting('block_size')::float8    as bytes,
    c.relispartition,
    i.indisvalid,
    i.indisunique,
    i.indisreplident,
    i.indnatts,
    i.indnkeyatts,
    i.indkey::text                                        as columns,
    i.indclass::text                                      as classes,
    i.indcollation::text                                  as collations,
    i.indoption::text                                     as options,
    regexp_replace(i.indexprs::text, ':location -?\d+', '', 'g') as expressions,
    regexp_replace(i.indpred::text, ':location -?\d+', '', 'g')  as predicate,
    exists (
      select 1 from pg_catalog.pg_constraint k where k.conindid = i.indexrelid
    ) as is_constraint
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'i'
    and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_toast'
),
rated as materialized (
  select
    c.*,
    not c.indisunique and not c.is_constraint and not c.indisreplident as is_free,
    row_number() over (
      partition by
        c.indrelid, c.relam, c.columns, c.indnkeyatts, c.classes, c.collations, c.options,
        c.expressions, c.predicate, c.indisunique, c.indisvalid
      order by c.is_constraint desc, c.indisreplident desc, c.indexrelid
    ) as nth
  from candidate c
),
found as (
  select r.*, d.problem
  from rated r
  cross join lateral (
    values
      (
        'invalid',
        not r.indisvalid and not exists (
          select 1 from pg_catalog.pg_stat_progress_create_index p
          where p.index_relid = r.indexrelid or (p.relid = r.indrelid and p.index_relid = '0'::oid)
        )
      ),
      (
        'unused',
        r.indisvalid and r.is_free and not r.relispartition
          and pg_catalog.pg_stat_get_numscans(r.indexrelid) = 0
      ),
      ('duplicate', r.indisvalid and r.nth > 1),
      (
        'redundant',
        r.indisvalid and r.is_free and r.expressions is null and r.indnatts = r.indnkeyatts
          and exists (
            select 1
            from rated o
            where o.indrelid = r.indrelid
              and o.relam = r.relam
              and o.indisvalid
              and o.indnkeyatts > r.indnkeyatts
              and o.predicate is not distinct from r.predicate
              and starts_with(o.columns, r.columns || ' ')
              and starts_with(o.classes, r.classes || ' ')
              and starts_with(o.collations, r.collations || ' ')
              and starts_with(o.options, r.options || ' ')
          )
          and r.relam = (select m.oid from pg_catalog.pg_am m where m.amname = 'btree')
      )
  ) d (problem, is_so)
  where d.is_so
    and (d.problem <> 'invalid' or not pg_catalog.pg_is_in_recovery())
),
placed as (
  select
    f.*,
    row_number() over (partition by f.problem order by f.bytes desc, f.indexrelid) as place
  from found f
)
select
  current_database()::text as datname,
  null::text               as schemaname,
  null::text               as relname,
  null::text               as indexrelname,
  null::text               as problem,
  null::float8             as pg_index_invalid_bytes,
  null::float8             as pg_index_unused_bytes,
  null::float8             as pg_index_duplicate_bytes,
  null::float8             as pg_index_redundant_bytes,
  null::float8             as pg_database_index_problems,
  null::float8             as pg_database_index_problem_bytes,
  extract(epoch from pg_catalog.pg_stat_get_db_stat_reset_time(d.oid))::float8 as pg_database_index_usage_since_timestamp_seconds
from pg_catalog.pg_database d
where d.datname = current_database()
union all
select
  current_database()::text, null, null, null, a.problem,
  null, null, null, null,
  count(f.problem)::float8,
  coalesce(sum(f.bytes), 0)::float8,
  null
from (values ('invalid'), ('unused'), ('duplicate'), ('redundant')) a (problem)
left join found f on f.problem = a.problem
where a.problem <> 'invalid' or not pg_catalog.pg_is_in_recovery()
group by a.problem
union all
select
  current_database()::text,
  p.nspname::text,
  p.relname::text,
  p.indexrelname::text,
  null,
  case when p.problem = 'invalid' then p.bytes end,
  case when p.problem = 'unused' then p.bytes end,
  case when p.problem = 'duplicate' then p.bytes end,
  case when p.problem = 'redundant' then p.bytes end,
  null,
  null,
  null
from placed p
where p.place <= 20
