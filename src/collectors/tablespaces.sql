-- pg_tablespace_size() reads the directories and stats every file; it takes no
-- lock, and is NULL for a tablespace whose directory is gone. It fails without the
-- privilege, which CASE asks just before, so each loses only its own sample.
select
  s.spcname::text as spcname,
  case
    when pg_has_role('pg_read_all_stats', 'usage') or has_tablespace_privilege(s.oid, 'create')
    then pg_catalog.pg_tablespace_size(s.oid)
  end::float8 as pg_tablespace_size_bytes
from pg_catalog.pg_tablespace s
order by 2 desc nulls last, 1
