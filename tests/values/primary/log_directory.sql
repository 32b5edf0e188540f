-- The directory, as a listing of files. It may be written to at any moment.
select sum((pg_stat_file('log/' || file)).size) as pg_log_directory_size_bytes,
  count(*) as pg_log_directory_files,
  array[0, 60] as pg_log_directory_oldest_age_seconds
from pg_ls_dir('log') file
