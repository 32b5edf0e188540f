-- postgres_exporter shows a receiver only when it uses a slot.
select
    r.sender_host::text as upstream_host,
    r.slot_name::text as slot_name,
    r.status::text as status,
    (r.receive_start_lsn - '0/0'::pg_lsn)::float8 as pg_stat_wal_receiver_receive_start_lsn,
    r.receive_start_tli::float8 as pg_stat_wal_receiver_receive_start_tli,
    (r.flushed_lsn - '0/0'::pg_lsn)::float8 as pg_stat_wal_receiver_flushed_lsn,
    r.received_tli::float8 as pg_stat_wal_receiver_received_tli,
    extract(epoch from r.last_msg_send_time)::float8 as pg_stat_wal_receiver_last_msg_send_time,
    extract(epoch from r.last_msg_receipt_time)::float8 as pg_stat_wal_receiver_last_msg_receipt_time,
    (r.latest_end_lsn - '0/0'::pg_lsn)::float8 as pg_stat_wal_receiver_latest_end_lsn,
    extract(epoch from r.latest_end_time)::float8 as pg_stat_wal_receiver_latest_end_time,
    substring(r.slot_name from 'repmgr_slot_([0-9]+)')::float8 as pg_stat_wal_receiver_upstream_node
from pg_catalog.pg_stat_wal_receiver as r
where r.slot_name is not null
