-- Processes by type, without our own.
select t as backend_type,
  (select count(*) from pg_stat_activity where backend_type = t and pid <> pg_backend_pid()) as pg_server_processes
from (
  select 'parallel worker' as t union select 'autovacuum worker' union select 'walsender'
  union select backend_type from pg_stat_activity
) types
