-- The view, column by column, without the exporter's own statements.
select rolname as user, datname, queryid,
  sum(calls) as pg_stat_statements_calls_total,
  sum(rows) as pg_stat_statements_rows_total,
  sum(total_exec_time) / 1000 as pg_stat_statements_seconds_total,
  sum(plans) as pg_stat_statements_plans_total,
  sum(total_plan_time) / 1000 as pg_stat_statements_plan_seconds_total,
  sum(shared_blks_hit) as pg_stat_statements_shared_blocks_hit_total,
  sum(shared_blks_read) as pg_stat_statements_shared_blocks_read_total,
  sum(shared_blks_dirtied) as pg_stat_statements_shared_blocks_dirtied_total,
  sum(shared_blks_written) as pg_stat_statements_shared_blocks_written_total,
  sum(local_blks_hit) as pg_stat_statements_local_blocks_hit_total,
  sum(local_blks_read) as pg_stat_statements_local_blocks_read_total,
  sum(local_blks_dirtied) as pg_stat_statements_local_blocks_dirtied_total,
  sum(local_blks_written) as pg_stat_statements_local_blocks_written_total,
  sum(temp_blks_read) as pg_stat_statements_temp_blocks_read_total,
  sum(temp_blks_written) as pg_stat_statements_temp_blocks_written_total,
  sum(shared_blk_read_time) / 1000 as pg_stat_statements_block_read_seconds_total,
  sum(shared_blk_write_time) / 1000 as pg_stat_statements_block_write_seconds_total,
  sum(local_blk_read_time) / 1000 as pg_stat_statements_local_block_read_seconds_total,
  sum(local_blk_write_time) / 1000 as pg_stat_statements_local_block_write_seconds_total,
  sum(temp_blk_read_time) / 1000 as pg_stat_statements_temp_block_read_seconds_total,
  sum(temp_blk_write_time) / 1000 as pg_stat_statements_temp_block_write_seconds_total,
  sum(wal_records) as pg_stat_statements_wal_records_total,
  sum(wal_fpi) as pg_stat_statements_wal_fpi_total,
  sum(wal_bytes) as pg_stat_statements_wal_bytes_total,
  sum(jit_functions) as pg_stat_statements_jit_functions_total,
  sum(jit_generation_time + jit_inlining_time + jit_optimization_time + jit_emission_time + jit_deform_time) / 1000 as pg_stat_statements_jit_seconds_total,
  sum(wal_buffers_full) as pg_stat_statements_wal_buffers_full_total,
  sum(parallel_workers_to_launch) as pg_stat_statements_parallel_workers_planned_total,
  sum(parallel_workers_launched) as pg_stat_statements_parallel_workers_launched_total
from pg_stat_statements s
join pg_roles r on r.oid = userid
join pg_database d on d.oid = dbid
where rolname <> 'pglens'
group by 1, 2, 3
