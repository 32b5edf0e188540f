-- One waits for a transaction, one is in the middle of the table.
select datname, relid::regclass as relname, lower(command) as command, phase,
  1 as pg_stat_progress_create_index_runs,
  case when lockers_total > 0 then lockers_done / lockers_total::numeric else blocks_done / blocks_total::numeric end
    as pg_stat_progress_create_index_ratio,
  case when current_locker_pid > 0 then 1 else 0 end as pg_stat_progress_create_index_blocked_runs
from pg_stat_progress_create_index
