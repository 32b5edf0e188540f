-- A name that is no setting, a value that is none, and a line that is neither.
select count(*) as pg_configuration_file_errors
from pg_file_settings where error is not null and name is distinct from 'shared_buffers'
