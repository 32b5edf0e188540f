-- The names are known to the server only. Those that the collector "settings"
-- declares are its own and are left out when the page is made. A setting that our
-- own session overrides is absent, because what we see of it is not what others get;
-- transaction_read_only is what an ordinary session would have.
select
    'pg_settings_' || translate(lower(name), '.-', '__') || case
        when unit in ('ms', 's', 'min', 'h', 'd') then '_seconds'
        when unit ~ '^[0-9]*([kMGT]?B)$' then '_bytes'
        else ''
    end as metric,
    coalesce(short_desc, name) as help,
    case
        when name = 'transaction_read_only' then pg_catalog.pg_is_in_recovery()::int4::float8
        when vartype = 'bool' then (setting = 'on')::int4::float8
        else setting::float8 * case
            when setting::float8 = -1 then 1
            when unit = 'ms' then 0.001
            when unit = 'min' then 60
            when unit = 'h' then 3600
            when unit = 'd' then 86400
            when unit ~ 'B$' then
                coalesce(substring(unit from '^[0-9]+')::int8, 1) * case right(unit, 2)
                    when 'kB' then 1024
                    when 'MB' then 1048576
                    when 'GB' then 1073741824
                    when 'TB' then 1099511627776
                    else 1
                end
            else 1
        end
    end::float8 as value
from pg_catalog.pg_settings
where vartype in ('bool', 'integer', 'real')
  and (source not in ('client', 'session') or name = 'transaction_read_only')
  -- postgres_exporter leaves these out too: their values are no numbers everywhere.
  and name not in ('sync_commit_cancel_wait', 'google_dataplex.max_messages')
order by name
