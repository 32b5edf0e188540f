-- A commit waits until the paused standby has applied it.
select 1 as pg_stat_replication_sync_standbys_required,
  1 as pg_stat_replication_sync_standbys, 1 as pg_stat_activity_sync_waiting_sessions
