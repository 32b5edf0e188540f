-- What the function says.
select spcname, pg_tablespace_size(spcname) as pg_tablespace_size_bytes from pg_tablespace
