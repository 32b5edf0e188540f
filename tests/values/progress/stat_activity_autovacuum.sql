-- When each began, by the text behind the schema's name.
select replace(query, 'autovacuum: ' || case when query ~ ': VACUUM ANALYZE' then 'VACUUM ANALYZE'
    when query ~ ': VACUUM' then 'VACUUM' else 'ANALYZE' end || ' public.', '') as relname,
  extract(epoch from xact_start) as pg_stat_activity_autovacuum_timestamp_seconds
from pg_stat_activity where backend_type = 'autovacuum worker'
