-- Buffer by buffer. A few, of 2048, may come and go unseen.
select array[count(relfilenode) - 10, count(relfilenode) + 10] as pg_buffercache_summary_buffers_used,
  array[count(*) - count(relfilenode) - 10, count(*) - count(relfilenode) + 10]
    as pg_buffercache_summary_buffers_unused,
  array[count(*) filter (where isdirty) - 50, count(*) filter (where isdirty) + 50]
    as pg_buffercache_summary_buffers_dirty,
  count(*) filter (where pinning_backends > 0) as pg_buffercache_summary_buffers_pinned,
  array[
    avg(usagecount) filter (where relfilenode is not null) - 0.2,
    avg(usagecount) filter (where relfilenode is not null) + 0.2
  ] as pg_buffercache_summary_usagecount_avg
from pg_buffercache
