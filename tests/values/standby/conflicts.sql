-- The view, column by column: a lock of the primary's was in the way of a query.
select datid, datname,
  confl_tablespace as pg_stat_database_conflicts_confl_tablespace,
  confl_lock as pg_stat_database_conflicts_confl_lock,
  confl_snapshot as pg_stat_database_conflicts_confl_snapshot,
  confl_bufferpin as pg_stat_database_conflicts_confl_bufferpin,
  confl_deadlock as pg_stat_database_conflicts_confl_deadlock
from pg_stat_database_conflicts
