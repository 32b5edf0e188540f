-- Every database counts, also the templates and those that nobody may connect
-- to: any of them can stop the server. It stops 3 million ids before the end
-- since 14, and 1 million transactions or 100 multixacts before it in 13. The
-- failsafe came with 14.
--
-- The next transaction id is a snapshot's xmax, which assigns none and works on
-- a standby. The next multixact id is what an age is counted from; the control
-- file knows only the last checkpoint's.
with stop as (
  select
    2147483647 - case when v.major >= 14 then 3000000 else 1000000 end as transactions,
    2147483647 - case when v.major >= 14 then 3000000 else 100 end     as multixacts
  from (select current_setting('server_version_num')::int / 10000 as major) v
)
select
  null::text                                                                                  as datname,
  null::float8                                                                                as pg_database_frozenxid_age,
  null::float8                                                                                as pg_database_minmxid_age,
  null::float8                                                                                as pg_database_wraparound_remaining_transactions,
  null::float8                                                                                as pg_database_wraparound_remaining_multixacts,
  pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::float8                 as pg_transaction_ids_total,
  max((d.datminmxid::text::int8 + pg_catalog.mxid_age(d.datminmxid)) % 4294967296)::float8    as pg_multixact_ids_total,
  current_setting('autovacuum_freeze_max_age')::float8                                        as pg_freeze_max_age_transactions,
  current_setting('autovacuum_multixact_freeze_max_age')::float8                              as pg_freeze_max_age_multixacts,
  current_setting('vacuum_failsafe_age', true)::float8                                        as pg_freeze_failsafe_age_transactions,
  current_setting('vacuum_multixact_failsafe_age', true)::float8                              as pg_freeze_failsafe_age_multixacts
from pg_catalog.pg_database d
union all (
  select
    d.datname::text,
    pg_catalog.age(d.datfrozenxid)::float8,
    pg_catalog.mxid_age(d.datminmxid)::float8,
    greatest(s.transactions - pg_catalog.age(d.datfrozenxid), 0)::float8,
    greatest(s.multixacts - pg_catalog.mxid_age(d.datminmxid), 0)::float8,
    null,
    null,
    null,
    null,
    null,
    null
  from pg_catalog.pg_database d
  cross join stop s
  order by greatest(pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid)) desc
)
