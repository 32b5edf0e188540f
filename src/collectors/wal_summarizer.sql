-- 0/0 means that nothing was summarized yet: the distance is unknown, not the
-- whole history. A summary ends at a checkpoint, so a lag of one is normal.
select
    (summarizer_pid is not null)::int4::float8 as pg_wal_summarizer_running,
    case when position >= summarized_lsn then position - summarized_lsn when position < summarized_lsn then 0 end::float8
        as pg_wal_summarizer_lag_bytes
from (
    select
        summarizer_pid,
        nullif(summarized_lsn, '0/0') as summarized_lsn,
        case
            when pg_catalog.pg_is_in_recovery()
            then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end as position
    from pg_catalog.pg_get_wal_summarizer_state()
) as summarizer
