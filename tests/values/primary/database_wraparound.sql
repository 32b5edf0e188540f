-- Ages of the databases that let somebody in.
select datname, age(datfrozenxid) as pg_database_wraparound_age_datfrozenxid_seconds,
  mxid_age(datminmxid) as pg_database_wraparound_age_datminmxid_seconds
from pg_database where datallowconn
