-- Nobody reads or writes now; the processes are counted.
select null as state, null as operation, null as io_target,
  0 as pg_aio_handles_in_use,
  (select count(*) from pg_stat_activity where backend_type = 'io worker') as pg_aio_workers
