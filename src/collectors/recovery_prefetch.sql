-- One row always. On a server that is not in recovery it holds zeros.
select
    prefetch::float8 as pg_stat_recovery_prefetch_prefetched_blocks_total,
    hit::float8 as pg_stat_recovery_prefetch_hit_blocks_total,
    skip_init::float8 as pg_stat_recovery_prefetch_skipped_init_blocks_total,
    skip_new::float8 as pg_stat_recovery_prefetch_skipped_new_blocks_total,
    skip_fpw::float8 as pg_stat_recovery_prefetch_skipped_full_page_blocks_total,
    skip_rep::float8 as pg_stat_recovery_prefetch_skipped_repeated_blocks_total,
    wal_distance::float8 as pg_stat_recovery_prefetch_wal_distance_bytes,
    block_distance::float8 as pg_stat_recovery_prefetch_block_distance_blocks,
    io_depth::float8 as pg_stat_recovery_prefetch_io_depth,
    extract(epoch from stats_reset)::float8 as pg_stat_recovery_prefetch_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_recovery_prefetch
