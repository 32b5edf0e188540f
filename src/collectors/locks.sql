-- The shape is postgres_exporter's: every mode of every database, held and
-- waited for together, locks that belong to no database left out. The databases
-- with most locks come first, should the rows have to be cut.
select
  d.datname::text as datname,
  m.mode::text as mode,
  count(l.mode)::float8 as pg_locks_count
from pg_catalog.pg_database d
cross join unnest(array[
  'accesssharelock',
  'rowsharelock',
  'rowexclusivelock',
  'shareupdateexclusivelock',
  'sharelock',
  'sharerowexclusivelock',
  'exclusivelock',
  'accessexclusivelock',
  'sireadlock'
]) as m (mode)
left join pg_catalog.pg_locks l on l.database = d.oid and lower(l.mode) = m.mode
group by d.datname, m.mode
order by sum(count(l.mode)) over (partition by d.datname) desc, d.datname, m.mode
