-- Written after the documentation of 19: no such server was at hand. The view has
-- one row, taken at one moment; without recovery it has none, or one of NULLs.
with recovery as materialized (
  select r.*
  from pg_catalog.pg_stat_recovery r
  where r.pause_state is not null
)
select
  null::text as state,
  r.promote_triggered::int::float8 as pg_stat_recovery_promotion_triggered,
  r.last_replayed_tli::float8 as pg_stat_recovery_timeline_id,
  (r.replay_end_lsn - r.last_replayed_end_lsn)::float8 as pg_stat_recovery_record_bytes,
  extract(epoch from r.recovery_last_xact_time)::float8 as pg_stat_recovery_last_transaction_timestamp_seconds,
  extract(epoch from r.current_chunk_start_time)::float8 as pg_stat_recovery_caught_up_timestamp_seconds,
  null::float8 as pg_stat_recovery_pause_state
from recovery r
union all
select
  v.state,
  null,
  null,
  null,
  null,
  null,
  (r.pause_state = v.state)::int::float8
from recovery r
cross join (
  values ('not paused'), ('pause requested'), ('paused')
) as v (state)
