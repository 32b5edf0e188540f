-- Two work, one of them copying; the others were switched off by their errors. The
-- publisher may have something to say at any moment.
select 'postgres' as datname, subname, case when subenabled then 1 else 0 end as pg_subscription_enabled,
  case when subname in ('works', 'copying') then 1 else 0 end as pg_stat_subscription_apply_worker_running,
  case when subname = 'copying' then 1 else 0 end as pg_stat_subscription_table_workers,
  (select received_lsn - '0/0' from pg_stat_subscription w where w.subname = s.subname and relid is null)
    as pg_stat_subscription_received_position_bytes,
  case when subname in ('works', 'copying') then array[0, 1000000] end as pg_stat_subscription_unreported_bytes,
  case when subname in ('works', 'copying') then array[0, 60] end as pg_stat_subscription_message_age_seconds,
  case when subname in ('works', 'copying') then array[0, 60] end as pg_stat_subscription_message_latency_seconds,
  case when subname in ('works', 'copying') then array[0, 60] end as pg_stat_subscription_report_age_seconds,
  (select apply_error_count from pg_stat_subscription_stats e where e.subname = s.subname)
    as pg_stat_subscription_stats_apply_error_total,
  (select sync_error_count from pg_stat_subscription_stats e where e.subname = s.subname)
    as pg_stat_subscription_stats_sync_error_total
from pg_subscription s
