-- server_version may carry the packager's remark ("17.2 (Debian 17.2-1)"); the
-- release alone is the label. The uptime is time() minus the start, in PromQL.
select
    split_part(current_setting('server_version'), ' ', 1)::text as version,
    (current_setting('server_version_num')::int4 / 10000)::text as major,
    1::float8 as pg_server_info,
    extract(epoch from pg_catalog.pg_postmaster_start_time())::float8 as pg_postmaster_start_time_seconds,
    extract(epoch from pg_catalog.pg_conf_load_time())::float8 as pg_configuration_load_timestamp_seconds
