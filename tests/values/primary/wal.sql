-- The directory, as a listing of files. Names beyond the one that is written are in stock.
with file as (
  select name, (pg_stat_file('pg_wal/' || name)).* from pg_ls_dir('pg_wal') name where name ~ '^[0-9A-F]{24}$'
)
select count(*) as pg_wal_segments, sum(size) as pg_wal_size_bytes,
  count(*) filter (where name > pg_walfile_name(pg_current_wal_lsn())) as pg_wal_recycled_segments,
  extract(epoch from clock_timestamp() - min(modification) filter (where name <= pg_walfile_name(pg_current_wal_lsn())))
    as pg_wal_oldest_segment_age_seconds
from file
