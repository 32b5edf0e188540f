-- postgres_exporter drops the row of datid 0, and with it every checksum failure
-- in pg_database or pg_authid.
select
    blks_read::float8 as pg_stat_database_shared_blks_read_total,
    blks_hit::float8 as pg_stat_database_shared_blks_hit_total,
    checksum_failures::float8 as pg_stat_database_shared_checksum_failures_total,
    extract(epoch from checksum_last_failure)::float8 as pg_stat_database_shared_checksum_last_failure_timestamp_seconds
from pg_catalog.pg_stat_database
where datid = 0
