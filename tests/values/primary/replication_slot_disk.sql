-- The directories, as listings of files.
select null as slot_name, null as slot_type,
  null as pg_replication_slot_directory_bytes, null as pg_replication_slot_directory_files,
  (select coalesce(sum((pg_stat_file('pg_logical/snapshots/' || f)).size), 0) from pg_ls_dir('pg_logical/snapshots') f)
    as pg_logical_snapshots_directory_bytes,
  (select count(*) from pg_ls_dir('pg_logical/snapshots')) as pg_logical_snapshots_directory_files,
  (select coalesce(sum((pg_stat_file('pg_logical/mappings/' || f)).size), 0) from pg_ls_dir('pg_logical/mappings') f)
    as pg_logical_mappings_directory_bytes,
  (select count(*) from pg_ls_dir('pg_logical/mappings')) as pg_logical_mappings_directory_files
union all
select slot_name, slot_type,
  (select sum((pg_stat_file('pg_replslot/' || slot_name || '/' || f)).size) from pg_ls_dir('pg_replslot/' || slot_name) f),
  (select count(*) from pg_ls_dir('pg_replslot/' || slot_name)),
  null, null, null, null
from pg_replication_slots where not temporary
