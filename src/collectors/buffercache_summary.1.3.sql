-- Before 1.4 only the view tells, at a lock and a row for each buffer: about
-- 0.3 s for a million of them. Above 64 GB of shared buffers it is not worth it.
-- HAVING, and not only WHERE, lets the aggregate return no row then; without a
-- subquery the planner also tests it before the scan begins.
select
    count(*) filter (where relfilenode is not null)::float8 as pg_buffercache_summary_buffers_used,
    count(*) filter (where relfilenode is null)::float8 as pg_buffercache_summary_buffers_unused,
    count(*) filter (where isdirty)::float8 as pg_buffercache_summary_buffers_dirty,
    count(*) filter (where pinning_backends > 0)::float8 as pg_buffercache_summary_buffers_pinned,
    avg(usagecount) filter (where relfilenode is not null)::float8 as pg_buffercache_summary_usagecount_avg
from {pg_buffercache}.pg_buffercache
having pg_size_bytes(current_setting('shared_buffers')) <= 68719476736
