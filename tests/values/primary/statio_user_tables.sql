-- The view, column by column.
select current_database() as datname, schemaname, relname,
  heap_blks_read as pg_statio_user_tables_heap_blocks_read,
  heap_blks_hit as pg_statio_user_tables_heap_blocks_hit,
  idx_blks_read as pg_statio_user_tables_idx_blocks_read,
  idx_blks_hit as pg_statio_user_tables_idx_blocks_hit,
  toast_blks_read as pg_statio_user_tables_toast_blocks_read,
  toast_blks_hit as pg_statio_user_tables_toast_blocks_hit,
  tidx_blks_read as pg_statio_user_tables_tidx_blocks_read,
  tidx_blks_hit as pg_statio_user_tables_tidx_blocks_hit
from pg_statio_user_tables
