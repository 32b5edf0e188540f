-- One line of the file is nonsense.
select count(*) as pg_hba_file_errors from pg_hba_file_rules where error is not null
