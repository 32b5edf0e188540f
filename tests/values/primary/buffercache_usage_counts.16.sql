-- Buffer by buffer. Some are used, or written, by those who look.
select n as usage_count,
  array[count(b) - 400, count(b) + 400] as pg_buffercache_usage_counts_buffers,
  array[count(b) filter (where isdirty) - 100, count(b) filter (where isdirty) + 100]
    as pg_buffercache_usage_counts_dirty_buffers,
  array[count(b) filter (where pinning_backends > 0) - 1, count(b) filter (where pinning_backends > 0) + 1]
    as pg_buffercache_usage_counts_pinned_buffers
from generate_series(0, 5) n left join pg_buffercache b on coalesce(b.usagecount, 0) = n
group by n
