-- The view, column by column.
select current_database() as datname, schemaname, relname,
  heap_blks_read as pg_statio_user_tables_heap_blocks_read,
  heap_blks_hit as pg_statio_user_tables_heap_blocks_hit,
  coalesce(idx_blks_read, 0) as pg_statio_user_tables_idx_blocks_read,
  coalesce(idx_blks_hit, 0) as pg_statio_user_tables_idx_blocks_hit,
  coalesce(toast_blks_read, 0) as pg_statio_user_tables_toast_blocks_read,
  coalesce(toast_blks_hit, 0) as pg_statio_user_tables_toast_blocks_hit,
  coalesce(tidx_blks_read, 0) as pg_statio_user_tables_tidx_blocks_read,
  coalesce(tidx_blks_hit, 0) as pg_statio_user_tables_tidx_blocks_hit
from pg_statio_user_tables
