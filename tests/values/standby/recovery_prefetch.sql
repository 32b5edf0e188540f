-- The view, column by column.
select prefetch as pg_stat_recovery_prefetch_prefetched_blocks_total,
  hit as pg_stat_recovery_prefetch_hit_blocks_total,
  skip_init as pg_stat_recovery_prefetch_skipped_init_blocks_total,
  skip_new as pg_stat_recovery_prefetch_skipped_new_blocks_total,
  skip_fpw as pg_stat_recovery_prefetch_skipped_full_page_blocks_total,
  skip_rep as pg_stat_recovery_prefetch_skipped_repeated_blocks_total,
  wal_distance as pg_stat_recovery_prefetch_wal_distance_bytes,
  block_distance as pg_stat_recovery_prefetch_block_distance_blocks,
  io_depth as pg_stat_recovery_prefetch_io_depth,
  extract(epoch from stats_reset) as pg_stat_recovery_prefetch_stats_reset_timestamp_seconds
from pg_stat_recovery_prefetch
