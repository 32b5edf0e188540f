-- The directory is there while the logging collector runs; without it the function
-- would fail.
select
  coalesce(sum(size), 0)::float8 as pg_log_directory_size_bytes,
  count(*)::float8 as pg_log_directory_files,
  greatest(extract(epoch from clock_timestamp() - min(modification)), 0)::float8
    as pg_log_directory_oldest_age_seconds
from pg_catalog.pg_ls_logdir()
