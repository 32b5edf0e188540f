-- As SHOW prints them: a switch is 1 or 0, sizes are in bytes and times in seconds.
-- What a poll sets for itself is left out.
select 'pg_settings_' || replace(lower(name), '.', '_')
  || case when unit ~ 'B$' then '_bytes' when unit in ('ms', 's', 'min') then '_seconds' else '' end as metric,
  case
    when vartype = 'bool' then case current_setting(name) when 'on' then 1 else 0 end
    when unit is null or current_setting(name) = '-1' then current_setting(name)::float8
    when unit ~ 'B$' then pg_size_bytes(current_setting(name))::float8
    else extract(epoch from current_setting(name)::interval)::float8
  end as value
from pg_settings
where vartype in ('bool', 'integer', 'real')
  and name not in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
    'default_transaction_read_only', 'max_parallel_workers_per_gather', 'jit')
