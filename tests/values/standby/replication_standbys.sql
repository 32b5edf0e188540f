-- One cascade.
select state, case state when 'streaming' then 1 else 0 end as pg_stat_replication_standbys,
  0 as pg_stat_replication_subscribers
from unnest(array['startup', 'catchup', 'streaming', 'stopping']) as s (state)
