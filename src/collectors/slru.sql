-- 17 renamed the caches; older servers get the new names.
select
    case name
        when 'CommitTs' then 'commit_timestamp'
        when 'MultiXactMember' then 'multixact_member'
        when 'MultiXactOffset' then 'multixact_offset'
        when 'Notify' then 'notify'
        when 'Serial' then 'serializable'
        when 'Subtrans' then 'subtransaction'
        when 'Xact' then 'transaction'
        else name
    end::text as name,
    blks_zeroed::float8 as pg_stat_slru_blks_zeroed_total,
    blks_hit::float8 as pg_stat_slru_blks_hit_total,
    blks_read::float8 as pg_stat_slru_blks_read_total,
    blks_written::float8 as pg_stat_slru_blks_written_total,
    blks_exists::float8 as pg_stat_slru_blks_exists_total,
    flushes::float8 as pg_stat_slru_flushes_total,
    truncates::float8 as pg_stat_slru_truncates_total,
    extract(epoch from stats_reset)::float8 as pg_stat_slru_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_slru
