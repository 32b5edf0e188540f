-- The view, column by column; the slot's name is one that repmgr would give.
select sender_host as upstream_host, slot_name, status,
  receive_start_lsn - '0/0' as pg_stat_wal_receiver_receive_start_lsn,
  receive_start_tli as pg_stat_wal_receiver_receive_start_tli,
  pg_last_wal_receive_lsn() - '0/0' as pg_stat_wal_receiver_flushed_lsn,
  received_tli as pg_stat_wal_receiver_received_tli,
  extract(epoch from last_msg_send_time) as pg_stat_wal_receiver_last_msg_send_time,
  extract(epoch from last_msg_receipt_time) as pg_stat_wal_receiver_last_msg_receipt_time,
  latest_end_lsn - '0/0' as pg_stat_wal_receiver_latest_end_lsn,
  extract(epoch from latest_end_time) as pg_stat_wal_receiver_latest_end_time,
  7 as pg_stat_wal_receiver_upstream_node
from pg_stat_wal_receiver
