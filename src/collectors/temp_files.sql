-- pg_stat_database counts a temporary file only when it is closed, after the disk
-- is full. A tablespace that never had one has no directory and is 0.
select
    spcname::text as tablespace,
    count(file.name)::float8 as pg_temp_directory_files,
    coalesce(sum(file.size), 0)::float8 as pg_temp_directory_bytes
from pg_catalog.pg_tablespace as tablespace
left join lateral pg_catalog.pg_ls_tmpdir(tablespace.oid) as file on true
where spcname <> 'pg_global'
group by spcname
order by sum(file.size) desc nulls last
