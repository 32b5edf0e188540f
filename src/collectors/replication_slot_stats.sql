-- Logical slots only; counted from the slot's creation or its last reset.
select
    slot_name::text as slot_name,
    total_txns::float8 as pg_stat_replication_slots_transactions_total,
    total_bytes::float8 as pg_stat_replication_slots_bytes_total,
    spill_txns::float8 as pg_stat_replication_slots_spilled_transactions_total,
    spill_count::float8 as pg_stat_replication_slots_spills_total,
    spill_bytes::float8 as pg_stat_replication_slots_spilled_bytes_total,
    stream_txns::float8 as pg_stat_replication_slots_streamed_transactions_total,
    stream_count::float8 as pg_stat_replication_slots_streams_total,
    stream_bytes::float8 as pg_stat_replication_slots_streamed_bytes_total,
    extract(epoch from stats_reset)::float8 as pg_stat_replication_slots_stats_reset_timestamp_seconds
from pg_catalog.pg_stat_replication_slots
order by total_bytes desc
