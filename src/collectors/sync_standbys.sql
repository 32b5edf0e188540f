-- A wait for a standby is no lock: it shows only as a wait event.
-- synchronous_standby_names is "FIRST n (…)", "ANY n (…)", "n (…)", or a list, of
-- which the first is waited for.
select
    case
        when trim(current_setting('synchronous_standby_names')) = '' then 0
        else coalesce(
            substring(current_setting('synchronous_standby_names') from '(?i)^\s*(?:(?:first|any)\s+)?(\d+)\s*\(')::int,
            1
        )
    end::float8 as pg_stat_replication_sync_standbys_required,
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
