-- A segment is named by timeline, log and position within the log, eight hex
-- digits each. Recycled segments are named for the future but keep the file time
-- of their past, so they must not count as old.
with server as (
    select
        segment_size,
        div(position - '0/0'::pg_lsn, segment_size) as segment
    from (
        select
            pg_size_bytes(current_setting('wal_segment_size')) as segment_size,
            case
                when pg_catalog.pg_is_in_recovery()
                then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
                else pg_catalog.pg_current_wal_lsn()
            end as position
    ) as wal
)
select
    count(*)::float8 as pg_wal_segments,
    coalesce(sum(size), 0)::float8 as pg_wal_size_bytes,
    case when min(segment) is not null then count(*) filter (where future) end::float8 as pg_wal_recycled_segments,
    extract(epoch from clock_timestamp() - min(modification) filter (where not future))::float8
        as pg_wal_oldest_segment_age_seconds
from pg_catalog.pg_ls_waldir()
cross join server
cross join lateral (
    select
        ('x' || substr(name, 9, 8))::bit(32)::int8 * (4294967296 / segment_size)
        + ('x' || substr(name, 17, 8))::bit(32)::int8 > segment as future
) as named
where name ~ '^[0-9A-F]+$'
