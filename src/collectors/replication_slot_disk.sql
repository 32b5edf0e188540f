-- A row of the whole server comes first. Temporary slots are left out: they may be
-- gone before their directory is read, which is an error.
select
  null::text as slot_name,
  null::text as slot_type,
  null::float8 as pg_replication_slot_directory_bytes,
  null::float8 as pg_replication_slot_directory_files,
  s.bytes as pg_logical_snapshots_directory_bytes,
  s.files as pg_logical_snapshots_directory_files,
  m.bytes as pg_logical_mappings_directory_bytes,
  m.files as pg_logical_mappings_directory_files
from (
  select
    coalesce(sum(size), 0)::float8 as bytes,
    count(*)::float8 as files
  from pg_catalog.pg_ls_logicalsnapdir()
) s
cross join (
  select
    coalesce(sum(size), 0)::float8 as bytes,
    count(*)::float8 as files
  from pg_catalog.pg_ls_logicalmapdir()
) m
union all
(
  select
    r.slot_name,
    r.slot_type,
    coalesce(sum(f.size), 0)::float8,
    count(f.name)::float8,
    null,
    null,
    null,
    null
  from pg_catalog.pg_replication_slots r
  left join lateral pg_catalog.pg_ls_replslotdir(r.slot_name) f on true
  where not r.temporary
  group by r.slot_name, r.slot_type
  order by 3 desc, 1
)
