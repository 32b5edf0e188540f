-- Entries are counted without their texts, which are in a file.
select
  (select count(*) from {pg_stat_statements}.pg_stat_statements(false))::float8 as pg_stat_statements_entries,
  current_setting('pg_stat_statements.max')::float8                             as pg_stat_statements_entries_limit
