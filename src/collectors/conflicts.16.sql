-- 16 added logical decoding on standbys, and with it conflicts of logical slots.
select
    datid::text as datid,
    datname::text as datname,
    confl_tablespace::float8 as pg_stat_database_conflicts_confl_tablespace,
    confl_lock::float8 as pg_stat_database_conflicts_confl_lock,
    confl_snapshot::float8 as pg_stat_database_conflicts_confl_snapshot,
    confl_bufferpin::float8 as pg_stat_database_conflicts_confl_bufferpin,
    confl_deadlock::float8 as pg_stat_database_conflicts_confl_deadlock,
    confl_active_logicalslot::float8 as pg_stat_database_conflicts_confl_active_logicalslot
from pg_catalog.pg_stat_database_conflicts
order by
    confl_tablespace + confl_lock + confl_snapshot + confl_bufferpin + confl_deadlock desc,
    datname
