-- While archiving is off the counters stand still and are still true; what it
-- would have to do is not.
-- The archiver of a standby runs only with archive_mode = always; without it these
-- numbers would be those of another life of the server, so there is no row.
-- The last archived file may be a backup label or a partial segment, whose name
-- begins like its segment's, or a timeline history, which tells no position. The
-- timeline does not matter: positions go on across a promotion.
select
    archived_count::float8 as pg_stat_archiver_archived_count,
    failed_count::float8 as pg_stat_archiver_failed_count,
    extract(epoch from clock_timestamp() - last_archived_time)::float8 as pg_stat_archiver_last_archive_age,
    extract(epoch from clock_timestamp() - last_failed_time)::float8 as pg_stat_archiver_last_failure_age_seconds,
    case when on_duty then
        coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)::int4
    end::float8 as pg_stat_archiver_failing,
    case when lag >= 0 then lag when lag < 0 then 0 end::float8 as pg_stat_archiver_lag_bytes,
    case when lag >= 0 then div(lag, segment_size) when lag < 0 then 0 end::float8 as pg_stat_archiver_lag_segments,
    extract(epoch from stats_reset)::float8 as pg_stat_archiver_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_archiver
cross join (
    select
        current_setting('archive_mode') <> 'off' as on_duty,
        pg_size_bytes(current_setting('wal_segment_size'))::numeric as segment_size,
        case
            when pg_catalog.pg_is_in_recovery()
            then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end - '0/0'::pg_lsn as position
) as server
cross join lateral (
    select
        case when last_archived_wal ~ '^[0-9A-F]+(\.[0-9A-F]+\.backup|\.partial)?$' then
            ('x' || substr(last_archived_wal, 9, 8))::bit(32)::int8 * div(4294967296, segment_size)
            + ('x' || substr(last_archived_wal, 17, 8))::bit(32)::int8
        end as archived_segment
) as archive
cross join lateral (
    select
        case when on_duty then position - (archived_segment + 1) * segment_size end as lag
) as behind
where not pg_catalog.pg_is_in_recovery()
   or current_setting('archive_mode') = 'always'
