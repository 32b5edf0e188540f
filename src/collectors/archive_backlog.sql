-- The server marks a file with .ready when it may be archived. The directory may
-- hold a hundred thousand of them, hence the interval and the timeout. A standby
-- archives only with archive_mode = always: marks that came with its base backup
-- wait for nobody there, so there is no row.
select
    count(*)::float8 as pg_archive_backlog_files,
    (count(*) filter (where name ~ '^[0-9A-F]+\.ready$') * pg_size_bytes(current_setting('wal_segment_size')))::float8
        as pg_archive_backlog_bytes,
    extract(epoch from clock_timestamp() - min(modification))::float8 as pg_archive_backlog_oldest_age_seconds
from pg_catalog.pg_ls_archive_statusdir()
where name ~ '\.ready$'
having not pg_catalog.pg_is_in_recovery()
    or current_setting('archive_mode') = 'always'
