-- One standby; everybody else is a subscription.
select state,
  (select count(*) from pg_stat_replication r where r.state = s.state and application_name = 'repmgr_slot_7')
    as pg_stat_replication_standbys,
  (select count(*) from pg_stat_replication r where r.state = s.state and application_name <> 'repmgr_slot_7')
    as pg_stat_replication_subscribers
from unnest(array['startup', 'catchup', 'streaming', 'stopping']) as s (state)
