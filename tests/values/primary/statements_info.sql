-- All of them, and what fits.
select count(*) as pg_stat_statements_entries, 5000 as pg_stat_statements_entries_limit from pg_stat_statements
