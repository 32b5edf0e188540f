-- As subscriptions.16.sql, but in 19 a worker that copies sequences has no table
-- either, so the type tells the apply worker; and errors of copying tables are counted
-- apart from those of copying sequences. Written after the documentation of 19: no
-- such server was at hand.
select
    d.datname::text as datname,
    s.subname::text as subname,
    s.subenabled::int::float8 as pg_subscription_enabled,
    (w.pid is not null)::int::float8 as pg_stat_subscription_apply_worker_running,
    (
        select count(t.pid)
        from pg_catalog.pg_stat_subscription as t
        where t.subid = s.oid
            and t.relid is not null
    )::float8 as pg_stat_subscription_table_workers,
    (w.received_lsn - '0/0'::pg_lsn)::float8 as pg_stat_subscription_received_position_bytes,
    case
        when w.latest_end_lsn is not null
        then greatest(0, w.received_lsn - w.latest_end_lsn)
    end::float8 as pg_stat_subscription_unreported_bytes,
    case
        when w.last_msg_receipt_time is not null
        then greatest(0, extract(epoch from pg_catalog.clock_timestamp() - w.last_msg_receipt_time))
    end::float8 as pg_stat_subscription_message_age_seconds,
    extract(
        epoch from w.last_msg_receipt_time - w.last_msg_send_time
    )::float8 as pg_stat_subscription_message_latency_seconds,
    case
        when w.latest_end_time is not null
        then greatest(0, extract(epoch from pg_catalog.clock_timestamp() - w.latest_end_time))
    end::float8 as pg_stat_subscription_report_age_seconds,
    e.apply_error_count::float8 as pg_stat_subscription_stats_apply_error_total,
    e.sync_table_error_count::float8 as pg_stat_subscription_stats_sync_error_total
from pg_catalog.pg_subscription as s
inner join pg_catalog.pg_database as d on d.oid = s.subdbid
left join pg_catalog.pg_stat_subscription as w
    on w.subid = s.oid
    and w.worker_type = 'apply'
left join pg_catalog.pg_stat_subscription_stats as e on e.subid = s.oid
order by w.pid is not null, d.datname, s.subname
