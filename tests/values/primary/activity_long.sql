-- Nothing here lasts for a minute, so each limit says how many there are: none.
select unnest(array['1m', '5m', '1h']) as over,
  (select count(*) from pg_stat_activity where query_start < now() - interval '1 minute' and state = 'active')
    as pg_activity_long_queries,
  (select count(*) from pg_stat_activity where xact_start < now() - interval '1 minute')
    as pg_activity_long_transactions,
  (select count(*) from pg_stat_activity where state_change < now() - interval '1 minute' and state ~ 'in transaction')
    as pg_activity_long_idle_in_transaction
