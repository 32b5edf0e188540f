-- The function takes no buffer lock: about a millisecond for 4 GB.
select
    usage_count::text as usage_count,
    buffers::float8 as pg_buffercache_usage_counts_buffers,
    dirty::float8 as pg_buffercache_usage_counts_dirty_buffers,
    pinned::float8 as pg_buffercache_usage_counts_pinned_buffers
from {pg_buffercache}.pg_buffercache_usage_counts()
