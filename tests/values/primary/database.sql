-- What the functions say.
select datname, datconnlimit as pg_database_connection_limit, pg_database_size(datname) as pg_database_size_bytes
from pg_database
