-- One line of the file is nonsense.
select count(*) as pg_ident_file_errors from pg_ident_file_mappings where error is not null
