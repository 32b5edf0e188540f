-- Settings of one database or role are no setting of the server; what comes from
-- the environment is the stack limit, which nobody set (13 to 15). Names that wait
-- do not begin with pg_settings_: rules for "any setting changed" select that
-- prefix and break on a label. Who may not read all settings misses some of both.
select
  null::text as name,
  null::float8 as pg_configuration_pending_restart,
  count(*)::float8 as pg_configuration_nondefault_settings
from pg_catalog.pg_settings s
where s.source in ('configuration file', 'command line', 'global')
  and s.setting is distinct from s.boot_val
union all
(
  select
    s.name,
    1,
    null
  from pg_catalog.pg_settings s
  where s.pending_restart
  order by s.name
)
