-- Of its own, and not a label of pg_server_info: some services close this function.
select
    system_identifier::text as system_identifier,
    1::float8 as pg_control_system_info
from pg_catalog.pg_control_system()
