-- Ages against the server's own limits.
select null as datname, null as pg_database_frozenxid_age, null as pg_database_minmxid_age,
  null as pg_database_wraparound_remaining_transactions, null as pg_database_wraparound_remaining_multixacts,
  pg_snapshot_xmax(pg_current_snapshot())::text::int8 as pg_transaction_ids_total,
  (pg_control_checkpoint()).next_multixact_id::text::int8 as pg_multixact_ids_total,
  200000000 as pg_freeze_max_age_transactions,
  400000000 as pg_freeze_max_age_multixacts,
  1600000000 as pg_freeze_failsafe_age_transactions,
  1600000000 as pg_freeze_failsafe_age_multixacts
union all
select datname, age(datfrozenxid), mxid_age(datminmxid),
  2147483647 - 3000000 - age(datfrozenxid), 2147483647 - 3000000 - mxid_age(datminmxid),
  null, null, null, null, null, null
from pg_database
