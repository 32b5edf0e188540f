-- One in each database.
select null as datname, count(*) as pg_prepared_transactions, 5 as pg_prepared_transactions_max,
  extract(epoch from clock_timestamp() - min(prepared)) as pg_prepared_transactions_oldest_seconds,
  null as pg_prepared_transactions_by_database, null as pg_prepared_transactions_oldest_by_database_seconds
from pg_prepared_xacts
union all
select database, null, null, null, 1, extract(epoch from clock_timestamp() - prepared)
from pg_prepared_xacts
