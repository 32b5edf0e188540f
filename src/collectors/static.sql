-- short_version has three parts, because postgres_exporter writes a semantic
-- version: 17.4 is 17.4.0.
select
    version() as version,
    (current_setting('server_version_num')::int4 / 10000)::text || '.'
        || (current_setting('server_version_num')::int4 % 10000)::text || '.0' as short_version,
    1::float8 as pg_static
