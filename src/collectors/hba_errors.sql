-- The function behind the view of its name: its privilege suffices then. It reads
-- the file anew, so a mistake shows before somebody reloads the configuration.
select count(*)::float8 as pg_hba_file_errors
from pg_catalog.pg_hba_file_rules() r
where r.error is not null
