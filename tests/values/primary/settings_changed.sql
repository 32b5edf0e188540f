-- What waits for a restart, and what is written somewhere and no default.
select null as name, null as pg_configuration_pending_restart,
  (select count(*) from pg_settings
   where source in ('configuration file', 'command line') and setting is distinct from boot_val)
    as pg_configuration_nondefault_settings
union all
select 'shared_buffers', 1, null
