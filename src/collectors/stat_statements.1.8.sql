-- showtext = false, because the texts are in a file that is read whole otherwise.
-- Dropped databases and hidden statements (no queryid) stay out, and so do our
-- own, unless our role is a superuser, whose name others may use as well. An entry
-- is all of a statement, and yet a part: one that was evicted begins at zero.
select
  pg_catalog.pg_get_userbyid(s.userid)::text as "user",
  d.datname::text                            as datname,
  s.queryid::text                            as queryid,
  'entry'::text                              as "part:entry",
  s.calls::float8                            as pg_stat_statements_calls_total,
  s.rows::float8                             as pg_stat_statements_rows_total,
  (s.total_exec_time / 1000)::float8         as pg_stat_statements_seconds_total,
  s.plans::float8                            as pg_stat_statements_plans_total,
  (s.total_plan_time / 1000)::float8         as pg_stat_statements_plan_seconds_total,
  s.shared_blks_hit::float8                  as pg_stat_statements_shared_blocks_hit_total,
  s.shared_blks_read::float8                 as pg_stat_statements_shared_blocks_read_total,
  s.shared_blks_dirtied::float8              as pg_stat_statements_shared_blocks_dirtied_total,
  s.shared_blks_written::float8              as pg_stat_statements_shared_blocks_written_total,
  s.local_blks_hit::float8                   as pg_stat_statements_local_blocks_hit_total,
  s.local_blks_read::float8                  as pg_stat_statements_local_blocks_read_total,
  s.local_blks_dirtied::float8               as pg_stat_statements_local_blocks_dirtied_total,
  s.local_blks_written::float8               as pg_stat_statements_local_blocks_written_total,
  s.temp_blks_read::float8                   as pg_stat_statements_temp_blocks_read_total,
  s.temp_blks_written::float8                as pg_stat_statements_temp_blocks_written_total,
  (s.blk_read_time / 1000)::float8           as pg_stat_statements_block_read_seconds_total,
  (s.blk_write_time / 1000)::float8          as pg_stat_statements_block_write_seconds_total,
  s.wal_records::float8                      as pg_stat_statements_wal_records_total,
  s.wal_fpi::float8                          as pg_stat_statements_wal_fpi_total,
  s.wal_bytes::float8                        as pg_stat_statements_wal_bytes_total
from {pg_stat_statements}.pg_stat_statements(false) s
join pg_catalog.pg_database d on d.oid = s.dbid
join pg_catalog.pg_roles me on me.rolname = current_user
where s.queryid is not null
  and (me.rolsuper or s.userid <> me.oid)
