-- The view, column by column.
select current_database() as datname, schemaname, relname, indexrelname,
  idx_blks_read as pg_statio_user_indexes_idx_blks_read_total,
  idx_blks_hit as pg_statio_user_indexes_idx_blks_hit_total
from pg_statio_user_indexes
