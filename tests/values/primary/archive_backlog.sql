-- The directory, as a listing of files.
select count(*) as pg_archive_backlog_files,
  1048576 * count(*) filter (where file !~ 'backup') as pg_archive_backlog_bytes,
  extract(epoch from clock_timestamp() - min((pg_stat_file('pg_wal/archive_status/' || file)).modification))
    as pg_archive_backlog_oldest_age_seconds
from pg_ls_dir('pg_wal/archive_status') file
where file like '%.ready'
