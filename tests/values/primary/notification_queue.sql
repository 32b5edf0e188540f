-- A listener in a transaction keeps what was notified.
select pg_notification_queue_usage() as pg_notification_queue_usage_ratio
