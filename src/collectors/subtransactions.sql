-- The function has a row for every backend, so the maximum always is one.
select
  count(*) filter (where s.subxact_overflowed)::float8 as pg_subtransactions_overflowed_sessions,
  max(s.subxact_count)::float8 as pg_subtransactions_largest_cached
from pg_catalog.pg_stat_get_backend_idset() as b (id)
cross join lateral pg_catalog.pg_stat_get_backend_subxact(b.id) as s
