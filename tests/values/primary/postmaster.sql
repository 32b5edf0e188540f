-- The version as the first word of what the server prints, and its two times.
select (regexp_match(version(), 'PostgreSQL ([0-9.]+)'))[1] as version,
  (regexp_match(version(), 'PostgreSQL ([0-9]+)'))[1] as major,
  1 as pg_server_info,
  extract(epoch from pg_postmaster_start_time()) as pg_postmaster_start_time_seconds,
  extract(epoch from pg_conf_load_time()) as pg_configuration_load_timestamp_seconds
