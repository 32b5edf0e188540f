-- The version as it is printed, and in three parts.
select version() as version, split_part(current_setting('server_version'), ' ', 1) || '.0' as short_version, 1 as pg_static
