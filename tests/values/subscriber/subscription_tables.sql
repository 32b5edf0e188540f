-- Its tables by state, letter by letter.
select 'postgres' as datname, subname,
  case letter when 'i' then 'initialize' when 'd' then 'copy' when 'f' then 'finished_copy'
    when 's' then 'synchronized' when 'r' then 'ready' end as state,
  (select count(*) from pg_subscription_rel where srsubid = s.oid and srsubstate = letter) as pg_subscription_tables
from pg_subscription s, unnest(array['i', 'd', 'f', 's', 'r']::"char"[]) letter
