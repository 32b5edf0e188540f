-- The view, column by column.
select slot_name,
  total_txns as pg_stat_replication_slots_transactions_total,
  total_bytes as pg_stat_replication_slots_bytes_total,
  spill_txns as pg_stat_replication_slots_spilled_transactions_total,
  spill_count as pg_stat_replication_slots_spills_total,
  spill_bytes as pg_stat_replication_slots_spilled_bytes_total,
  stream_txns as pg_stat_replication_slots_streamed_transactions_total,
  stream_count as pg_stat_replication_slots_streams_total,
  stream_bytes as pg_stat_replication_slots_streamed_bytes_total,
  extract(epoch from stats_reset) as pg_stat_replication_slots_stats_reset_timestamp_seconds
from pg_stat_replication_slots
