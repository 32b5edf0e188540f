-- The process, and the end of what it has summarized.
select (select count(*) from pg_stat_activity where backend_type = 'walsummarizer') as pg_wal_summarizer_running,
  pg_current_wal_lsn() - max(end_lsn) as pg_wal_summarizer_lag_bytes
from pg_available_wal_summaries()
