-- Sessions in a transaction.
select count(*) as pg_long_running_transactions,
  extract(epoch from clock_timestamp() - min(xact_start)) as pg_long_running_transactions_oldest_timestamp_seconds
from pg_stat_activity where xact_start is not null and pid <> pg_backend_pid()
