-- The function takes no buffer lock: about a millisecond for 4 GB.
select
    buffers_used::float8 as pg_buffercache_summary_buffers_used,
    buffers_unused::float8 as pg_buffercache_summary_buffers_unused,
    buffers_dirty::float8 as pg_buffercache_summary_buffers_dirty,
    buffers_pinned::float8 as pg_buffercache_summary_buffers_pinned,
    usagecount_avg::float8 as pg_buffercache_summary_usagecount_avg
from {pg_buffercache}.pg_buffercache_summary()
