-- Every lock of others, and the one on the view that a poll reads.
select datname, mode,
  (select count(*) from pg_locks l where l.database = d.oid and lower(l.mode) = m.mode and pid is distinct from pg_backend_pid())
  + case when datname = 'postgres' and mode = 'accesssharelock' then 1 else 0 end as pg_locks_count
from pg_database d, unnest(array['accesssharelock', 'rowsharelock', 'rowexclusivelock',
  'shareupdateexclusivelock', 'sharelock', 'sharerowexclusivelock', 'exclusivelock',
  'accessexclusivelock', 'sireadlock']) as m (mode)
