-- The fifteen largest of the view.
select coalesce(name, '<free>') as name, allocated_size as pg_shmem_allocation_bytes
from pg_shmem_allocations order by allocated_size desc limit 15
