-- Texts may hold what nobody meant to publish. Constants are placeholders in most
-- of them, but not where the entry was evicted during its execution, and not in
-- utility statements (ALTER ROLE ... PASSWORD), so: only what begins as a query;
-- comments away; literals and numbers replaced; and nothing at all of a text in
-- which a quote remains, or one that has both kinds, because who tells what is
-- inside and what outside is a parser and not a regular expression.
select
  q.datname,
  q.queryid,
  btrim(left(q.query, 120)) as query,
  1::float8                 as pg_stat_statements_query_info
from (
  select distinct on (s.dbid, s.queryid)
    t.datname::text as datname,
    s.queryid::text as queryid,
    t.seconds,
    s.query as original,
    btrim(regexp_replace(
      regexp_replace(
        regexp_replace(
          regexp_replace(s.query, '/\*.*?\*/|--[^\n]*', ' ', 'g'),
          '''([^''\\]|''''|\\.)*''', '?', 'g'
        ),
        '(?<![\w$])\d[\w.]*', '?', 'g'
      ),
      '\s+', ' ', 'g'
    )) as query
  from (
    select
      e.dbid,
      d.datname,
      e.queryid,
      sum(e.total_exec_time) as seconds
    from {pg_stat_statements}.pg_stat_statements(false) e
    join pg_catalog.pg_database d on d.oid = e.dbid
    join pg_catalog.pg_roles me on me.rolname = current_user
    where e.queryid is not null
      and (me.rolsuper or e.userid <> me.oid)
    group by e.dbid, d.datname, e.queryid
    order by seconds desc
    limit 50
  ) t
  join {pg_stat_statements}.pg_stat_statements(true) s on s.dbid = t.dbid and s.queryid = t.queryid
  order by s.dbid, s.queryid
) q
where q.query ~* '^\(*\s*(select|insert|update|delete|merge|with|values|table)\M'
  and q.query !~ '''|/\*|\*/|\$\w*[A-Za-z_]?\w*\$'
  and not (q.original ~ '''' and q.original ~ '"')
order by q.seconds desc
