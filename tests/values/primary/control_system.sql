-- Another function of the control file cannot say it: the same one, read as text.
select to_jsonb(c) ->> 'system_identifier' as system_identifier, 1 as pg_control_system_info
from pg_control_system() as c
