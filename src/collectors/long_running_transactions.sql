-- Every process but autovacuum's workers counts, a walsender and a standby's
-- replication worker too, as in postgres_exporter.
select
  count(*)::float8 as pg_long_running_transactions,
  coalesce(max(extract(epoch from clock_timestamp() - a.xact_start)), 0)::float8
    as pg_long_running_transactions_oldest_timestamp_seconds
from pg_catalog.pg_stat_activity a
where a.state is distinct from 'idle'
  and a.query not like 'autovacuum:%'
  and a.xact_start is not null
  and a.pid <> pg_backend_pid()
