-- A wait for a standby is no lock: it shows only as a wait event.
select
    (
        select count(*)
        from pg_catalog.pg_stat_replication
        where sync_state in ('sync', 'quorum')
            and state <> 'backup'
    )::float8 as pg_stat_replication_sync_standbys,
    (
        select count(*)
        from pg_catalog.pg_stat_activity
        where wait_event_type = 'IPC'
            and wait_event = 'SyncRep'
    )::float8 as pg_stat_activity_sync_waiting_sessions
