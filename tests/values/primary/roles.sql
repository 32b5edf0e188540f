-- Roles counted, and two passwords that expire: without login, or never, is none.
select null as rolname, null as pg_roles_connection_limit, null as pg_role_password_expiry_timestamp_seconds,
  (select count(*) from pg_roles where rolcanlogin) as pg_roles_login,
  (select count(*) from pg_roles where rolsuper) as pg_roles_superusers,
  (select count(*) from pg_roles where rolreplication) as pg_roles_replication
union all
select rolname, rolconnlimit,
  case rolname when 'app' then 1935817689 when 'gone' then 1577836800 end, null, null, null
from pg_roles
