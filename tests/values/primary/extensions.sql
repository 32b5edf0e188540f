-- One has an older version than the server offers: that of "second".
select current_database() as datname, extname, extversion as version, 1 as pg_extension_info,
  case when extversion = (select default_version from pg_available_extensions where name = extname) then 0 else 1 end
    as pg_extension_update_available
from pg_extension
