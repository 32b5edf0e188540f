-- The unused rest has no name in the view.
select
    coalesce(name, '<free>')::text as name,
    allocated_size::float8 as pg_shmem_allocation_bytes
from pg_catalog.pg_shmem_allocations
order by allocated_size desc
limit 15
