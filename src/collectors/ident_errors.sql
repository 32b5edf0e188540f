-- The function behind the view of its name: its privilege suffices then. It reads
-- the file anew, so a mistake shows before somebody reloads the configuration.
select count(*)::float8 as pg_ident_file_errors
from pg_catalog.pg_ident_file_mappings() m
where m.error is not null
