-- One session has seventy, of which the cache holds 64.
select 1 as pg_subtransactions_overflowed_sessions, 64 as pg_subtransactions_largest_cached
