-- One of them.
select status, case status when 'streaming' then 1 else 0 end as pg_stat_wal_receiver_status
from unnest(array['stopped', 'starting', 'connecting', 'streaming', 'waiting', 'restarting', 'stopping']) status
