-- pg_database_size() reads the directory and stats every file; it takes no lock.
-- It fails without CONNECT, and for a database dropped since our snapshot (for a
-- superuser only from 18 on), so CASE asks both just before: each loses only its
-- own sample. has_database_privilege() of a database that is gone is NULL, except
-- that a superuser may always connect (17 and later); hence a role that is none.
select
    datname::text as datname,
    datconnlimit::float8 as pg_database_connection_limit,
    size as pg_database_size_bytes
from (
    select
        datname,
        datconnlimit,
        case
            when has_database_privilege('pg_read_all_stats', oid, 'connect') is not null
             and (has_database_privilege(oid, 'connect') or pg_has_role('pg_read_all_stats', 'usage'))
            then pg_catalog.pg_database_size(oid)::float8
        end as size
    from pg_catalog.pg_database
) as database
order by size desc nulls last
