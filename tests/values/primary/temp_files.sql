-- One sort is open, on disk.
select 'pg_default' as tablespace, count(*) as pg_temp_directory_files,
  sum((pg_stat_file('base/pgsql_tmp/' || file)).size) as pg_temp_directory_bytes
from pg_ls_dir('base/pgsql_tmp') file
union all select 'fast', 0, 0
