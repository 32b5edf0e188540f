-- The server's settings that say what its log holds and how to read it, and the
-- files of its log directory; pglens reads the files and makes the metrics.
-- pg_ls_logdir() is pg_monitor's in every version, pg_current_logfile() only from
-- 17 on, and the newest file of the list is the current one. A server that rotates
-- through more files than these between two polls has other worries.
select
  'setting' as what,
  name::text as name,
  setting::text as setting,
  null::float8 as size,
  null::float8 as modified
from pg_catalog.pg_settings
where name in (
  'data_directory', 'lc_messages', 'log_autovacuum_min_duration', 'log_checkpoints',
  'log_connections', 'log_destination', 'log_directory', 'log_disconnections',
  'log_error_verbosity', 'log_filename', 'log_line_prefix', 'log_lock_waits',
  'log_min_duration_sample', 'log_min_duration_statement', 'log_min_messages',
  'log_temp_files', 'checkpoint_warning', 'server_version_num'
)
union all
select 'setting', 'may_read', case when has_function_privilege(
    'pg_catalog.pg_read_binary_file(text,bigint,bigint,boolean)', 'execute')
  then 'on' else 'off' end, null, null
union all
-- Behind an address may be another server tomorrow, with a log of its own.
select 'setting', 'server',
  concat_ws(' ', inet_server_addr()::text, current_setting('data_directory')), null, null
union all
(
  select 'file', f.name::text, null, f.size::float8, extract(epoch from f.modification)::float8
  from pg_catalog.pg_ls_logdir() as f
  order by f.modification desc, f.name desc
  limit 500
)
