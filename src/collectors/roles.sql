-- A row of the whole server comes first. Then come roles whose password expires,
-- nearest to now first, so that neither dead accounts that expired years ago nor
-- dates in a far future push out what matters this week; then roles with a limit.
-- Login is asked for because only then a password is of use. 'infinity' is never.
with role as materialized (
  select
    r.rolname,
    r.rolconnlimit,
    r.rolcanlogin,
    r.rolsuper,
    r.rolreplication,
    case when r.rolcanlogin and isfinite(r.rolvaliduntil) then r.rolvaliduntil end as expiry
  from pg_catalog.pg_roles r
),
placed as (
  select
    r.*,
    row_number() over (
      order by abs(extract(epoch from r.expiry - clock_timestamp())) nulls last, r.rolconnlimit < 0, r.rolname
    ) as place
  from role r
),
answer as (
  select
    0 as place,
    null::name as rolname,
    null::int as rolconnlimit,
    null::timestamptz as expiry,
    count(*) filter (where r.rolcanlogin) as login,
    count(*) filter (where r.rolsuper) as superusers,
    count(*) filter (where r.rolreplication) as replication
  from role r
  union all
  select
    p.place,
    p.rolname,
    p.rolconnlimit,
    case when p.place <= 50 then p.expiry end,
    null,
    null,
    null
  from placed p
)
select
  a.rolname::text                       as rolname,
  a.rolconnlimit::float8                as pg_roles_connection_limit,
  extract(epoch from a.expiry)::float8  as pg_role_password_expiry_timestamp_seconds,
  a.login::float8                       as pg_roles_login,
  a.superusers::float8                  as pg_roles_superusers,
  a.replication::float8                 as pg_roles_replication
from answer a
order by a.place
